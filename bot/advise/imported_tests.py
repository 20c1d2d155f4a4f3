"""Folders of tests from which a program imports: `seed.js` requires `./test/fixtures/users`."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from itertools import islice

from bot.advise.subject import RuleInput

_NODE_SOURCE = re.compile(r"\.(?:[cm]?[jt]s|[jt]sx)$")
_NODE_IMPORT = re.compile(
    r"""(?:\brequire\s*\(\s*|\bimport\s*\(\s*|\bfrom\s*)["'](\.[^"'\n]*)["']"""
)
_PYTHON_IMPORT = re.compile(r"(?m)^\s*(?:from|import)\s+(\w+)")
# Tests themselves, what starts them, and what runs only on the machines of developers.
_OTHER_SOURCE = re.compile(
    r"(?i)test|spec|(?:^|/)(?:node_modules|vendor|dist|coverage|docs?|examples?|bench\w*|e2e|"
    r"cypress|scripts|tools|\.\w+)/|[.-](?:config|conf|stories|d)\.|"
    r"(?:^|/)(?:gulpfile|gruntfile|jest|karma|mocha|cypress|playwright)[.-]|"
    r"(?:^|/)(?:setup|noxfile|tasks)\.py$"
)
_MAX_SOURCES, _MAX_SOURCE_BYTES = 1_000, 100_000


def list_imported_folders(rule_input: RuleInput, names: Sequence[str]) -> frozenset[str]:
    """Return those of some folders at the top of the context from which other sources import."""
    context = rule_input.context
    sizes = context.file_sizes if context else {}
    folders = [name for name in names if any(path.startswith(f"{name}/") for path in sizes)]
    paths = (
        path
        for path, size in sizes.items()
        if size <= _MAX_SOURCE_BYTES
        and (path.endswith(".py") or _NODE_SOURCE.search(path))
        and not _OTHER_SOURCE.search(path)
    )
    nearer = {posixpath.dirname(path) for path in sizes}
    imported = frozenset(
        folder
        for path in islice(paths, _MAX_SOURCES if folders else 0)
        for folder in _list_top_folders(path, context.read_text(path) if context else "")
        # `from tests import x` of a package with tests of its own means those.
        if not any(f"{parent}/{folder}" in nearer for parent in _list_parents(path))
    )
    return imported.intersection(folders)


def _list_top_folders(path: str, text: str) -> Iterator[str]:
    """Yield the folders at the top of the context, or modules, from which a source imports."""
    if path.endswith(".py"):
        yield from _PYTHON_IMPORT.findall(text)
        return
    for module in _NODE_IMPORT.findall(text):
        yield posixpath.normpath(posixpath.join(posixpath.dirname(path), module)).split("/")[0]


def _list_parents(path: str) -> Iterator[str]:
    """Yield the folders above a file, without the top one."""
    while path := posixpath.dirname(path):
        yield path
