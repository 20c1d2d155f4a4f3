"""Sources of compiled programs that the Dockerfile put into the image, without their libraries."""

import re

from bot.model.files import EntryKind
from bot.rewrite.build_facts import BuildFacts

_SOURCE = re.compile(r"\.(?:go|rs|c|cc|cpp|cxx|h|hpp)$")
_LIBRARY = re.compile(r"(?:^|/)(?:pkg/mod|vendor|registry|include)/")
_MAX_FILES = 400
_MAX_BYTES = 4 << 20


def read_own_sources(facts: BuildFacts) -> tuple[str, ...]:
    """Return the texts of the sources; none if there are too many, or a build deleted them."""
    paths = [
        path
        for path, entry in facts.built.own_files.items()
        if _SOURCE.search(path) and not _LIBRARY.search(path) and entry.kind is EntryKind.FILE
    ]
    is_readable = len(paths) <= _MAX_FILES and all(
        facts.built.tree[path].size <= _MAX_BYTES for path in paths
    )
    return tuple(map(facts.built.read_text, paths)) if is_readable else ()
