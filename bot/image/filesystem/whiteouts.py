"""The paths that a layer deletes, by its whiteouts in the order of its tar, as engines do.

A whiteout below a symbolic link of the same layer deletes at the link's target; one that is
followed by a directory of the same name is replaced by it, and deletes nothing.
"""

from collections.abc import Sequence

from bot.image.filesystem.symbolic_links import follow_links
from bot.model.files import OPAQUE_WHITEOUT, WHITEOUT_PREFIX, Entry, EntryKind, is_whiteout


def resolve_whiteouts(entries: Sequence[Entry]) -> list[tuple[str, str]]:
    """Return the directory and the name of each path that a layer deletes.

    The name is OPAQUE_WHITEOUT where everything in the directory is deleted.
    """
    # Most layers delete nothing, and need no walk along their links.
    if not any(WHITEOUT_PREFIX in entry.path and is_whiteout(entry.path) for entry in entries):
        return []
    links: dict[str, str] = {}  # those that the layer has added so far
    deleted: dict[tuple[str, str], None] = {}
    for entry in entries:
        folder, _, name = entry.path.rpartition("/")
        if name.startswith(WHITEOUT_PREFIX):
            name = name if name == OPAQUE_WHITEOUT else name.removeprefix(WHITEOUT_PREFIX)
            deleted[resolve_links(folder, links), name] = None
        elif entry.kind is EntryKind.SYMLINK:
            links[entry.path] = entry.link
        elif entry.kind is EntryKind.DIRECTORY:
            links.pop(entry.path, None)
            deleted.pop((resolve_links(folder, links), name), None)
        elif entry.path in links:
            del links[entry.path]
    return list(deleted)


def resolve_links(directory: str, links: dict[str, str]) -> str:
    """Return the target of a path through these links; the path itself if they form a loop."""
    if not links:
        return directory
    target = follow_links(directory, links.get)
    return directory if target is None else target
