"""The build context: the folder that a build copies from, and the files beside it.

Reads the folder as BuildKit would send it; the model it fills is bot/dockerfile/build_context.py.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from bot.adapters.checkout_files import is_below, read_regular_file
from bot.adapters.parsing.shell_parser import parse_script
from bot.dockerfile.build_context import BuildContext
from bot.dockerfile.dockerignore import (
    DockerIgnore,
    IllegalIgnoreFileError,
    TooCostlyError,
    parse_dockerignore,
)
from bot.dockerfile.shell_script import Script
from bot.dockerfile.source_text import SourceText, Span
from bot.dockerfile.stages import Dockerfile
from bot.line.ports import Parser
from bot.project.image_plan import is_dockerfile
from bot.project.yaml_nodes import YamlMistake
from bot.project.yaml_reader import read_yaml

_MAX_TEXT_BYTES = 100_000  # of an ignore file, a Dockerfile or a script
_MAX_CONTEXT_FILE_BYTES = 10_000_000


class FolderContextReader:
    """The port `BuildContextReader`."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser

    def read(self, dockerfile: Path, folder: Path, root: Path) -> BuildContext:
        """Read the context of a Dockerfile; what is not below `root`, or unreadable, is missing."""
        if not is_below(dockerfile, root) or not is_below(folder, root):
            return BuildContext()
        patterns = _read_ignore_file(dockerfile, folder)
        repository = _find_repository(folder, root)
        return BuildContext(
            file_sizes=_measure_files(folder, patterns or b""),
            has_ignore_file=patterns is not None,
            other_dockerfiles=dict(self._read_sibling_dockerfiles(dockerfile, root)),
            shell_scripts=_read_scripts(dockerfile.parent, root),
            read_text=partial(_read_text, folder),
            repository_folder=repository.relative_to(root).as_posix(),
            # Each rule asks for the same compose files and settings, most of which are not there.
            read_repository_text=cache(partial(_read_short_text, root, repository)),
            read_repository_yaml=cache(partial(_read_short_yaml, root, repository)),
            parse_script=self._parser.parse_script,
        )

    def _read_sibling_dockerfiles(
        self, dockerfile: Path, root: Path
    ) -> Iterator[tuple[str, Dockerfile]]:
        def is_sibling(name: str) -> bool:
            return name != dockerfile.name and is_dockerfile(name)

        for name, text in _read_short_files(dockerfile.parent, root, is_sibling):
            try:
                yield name, self._parser.parse(text)
            except ValueError:
                continue


def _read_ignore_file(dockerfile: Path, folder: Path) -> bytes | None:
    """Return the ignore file of a build: the Dockerfile's own, else that of the context.

    A link is followed in the folder that it is in, as BuildKit does.
    """
    for path in (dockerfile.with_name(f"{dockerfile.name}.dockerignore"), folder / ".dockerignore"):
        text = read_regular_file(path, path.parent, _MAX_TEXT_BYTES)
        if text is not None:
            return text
    return None


def _measure_files(folder: Path, patterns: bytes) -> Mapping[str, int]:
    """Return the sizes of the files that are sent; of all if nobody knows what is left out."""
    try:
        return dict(_list_files(folder, parse_dockerignore(patterns)))
    except (IllegalIgnoreFileError, TooCostlyError):
        return dict(_list_files(folder, parse_dockerignore(b"")))


def _list_files(folder: Path, rules: DockerIgnore) -> Iterator[tuple[str, int]]:
    """Yield the files that are sent, with their sizes.

    The `.git` of a worktree is a pointer file, and is left out.
    """
    for root, folders, names in os.walk(folder):
        parent = Path(root).relative_to(folder)
        links = [name for name in folders if Path(root, name).is_symlink()]
        folders[:] = [name for name in folders if not rules.is_pruned((parent / name).as_posix())]
        # os.walk lists links to folders as folders; BuildKit sends them as links.
        for name in (*names, *links):
            path = (parent / name).as_posix()
            if path == ".git" or rules.is_ignored(path):
                continue
            try:
                size = (folder / path).lstat().st_size
            except OSError:  # it is gone meanwhile
                continue
            # Names go into the report, which is UTF-8.
            yield path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), size


def _read_text(folder: Path, path: str) -> str:
    """Read a regular file; a link could lead out of the context."""
    file = folder / path
    text = None if file.is_symlink() else read_regular_file(file, folder, _MAX_CONTEXT_FILE_BYTES)
    return (text or b"").decode("utf-8", "replace")


def _find_repository(folder: Path, root: Path) -> Path:
    """Return the checkout; where that is all of a machine, the repository, or only the context."""
    if root != Path(root.anchor):
        return root
    return next((x for x in (folder, *folder.parents) if (x / ".git").exists()), folder)


def _read_short_text(root: Path, repository: Path, path: str) -> str:
    """Read a small file of the repository; links that lead out of it are not followed."""
    file = root / path
    if not os.path.lexists(file):  # As most are: the checks of the rest cost ten times as much.
        return ""
    text = read_regular_file(file, repository, _MAX_TEXT_BYTES)
    return (text or b"").decode("utf-8", "replace")


def _read_short_yaml(root: Path, repository: Path, path: str) -> Any:
    """Return the value of a small YAML file; None if it is missing, empty or not YAML."""
    text = _read_short_text(root, repository, path)
    try:
        return read_yaml(text) if text else None
    except YamlMistake:
        return None


def _read_scripts(folder: Path, root: Path) -> Mapping[str, Script]:
    scripts = _read_short_files(folder, root, lambda name: name.endswith((".sh", ".bash")))
    return {name: _parse_script(text) for name, text in scripts}


def _parse_script(data: bytes) -> Script:
    return parse_script(SourceText(data).text_at(Span(0, len(data))))


def _read_short_files(
    folder: Path, root: Path, is_wanted: Callable[[str], bool]
) -> Iterator[tuple[str, bytes]]:
    """Yield the names and contents of the files right in a folder that are no links.

    Only those of a wanted name are opened: a folder may have thousands of others.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if is_wanted(path.name))
    except OSError:
        return
    for path in paths:
        text = None if path.is_symlink() else read_regular_file(path, root, _MAX_TEXT_BYTES)
        if text is not None:
            yield path.name, text
