"""Sources of compiled programs that the Dockerfile put into the image, without their libraries."""

import re
from collections.abc import Callable, Mapping

from bot.advise.copy_targets import copies_whole_context, iter_context_copies
from bot.model.files import EntryKind
from bot.rewrite.build_facts import BuildFacts

_SOURCE = re.compile(r"\.(?:go|rs|c|cc|cpp|cxx|h|hpp)$")
_TEST = re.compile(r"_test\.go$")
_LIBRARY = re.compile(r"(?:^|/)(?:pkg/mod|vendor|registry|include)/")
_MAX_FILES = 400
_MAX_BYTES = 4 << 20


def read_own_sources(facts: BuildFacts) -> tuple[str, ...]:
    """Return the texts of the sources; none if there are too many, or they are unknown.

    Where the build has deleted them, they are those of the build context, if all of it is copied.
    """
    sizes = {
        path: facts.built.tree[path].size
        for path, entry in facts.built.own_files.items()
        if _SOURCE.search(path)
        and entry.kind is EntryKind.FILE
        and not facts.package_graph.find_owner(path)
    }
    texts = _read_sources(sizes, facts.built.read_text)
    context = facts.rule_input.context
    if texts is not None or context is None:
        return texts or ()
    if not any(map(copies_whole_context, iter_context_copies(facts.rule_input.steps))):
        return ()
    return _read_sources(context.file_sizes, context.read_text) or ()


def _read_sources(
    sizes: Mapping[str, int], read_text: Callable[[str], str]
) -> tuple[str, ...] | None:
    """Return the texts of the sources among some files, none if too many; None without one."""
    paths = [
        path
        for path in sizes
        if _SOURCE.search(path) and not (_TEST.search(path) or _LIBRARY.search(path))
    ]
    is_readable = len(paths) <= _MAX_FILES and all(sizes[path] <= _MAX_BYTES for path in paths)
    return (tuple(map(read_text, paths)) if is_readable else ()) if paths else None
