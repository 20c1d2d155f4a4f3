"""What a layer deletes, as engines understand its whiteouts: by unpacking it in the order of its tar.

So a whiteout whose path leads through symbolic links that the layer has brought so far deletes where
these lead to; and one that a directory of the same name follows is replaced by it, and deletes nothing.
"""

from collections.abc import Sequence

from bot.model.files import OPAQUE_WHITEOUT, WHITEOUT_PREFIX, Entry, EntryKind, is_whiteout

_MAX_LINKS = 40  # as many as the kernel follows before it says ELOOP


def resolve_whiteouts(entries: Sequence[Entry]) -> list[tuple[str, str]]:
    """The directory and the name of each path that a layer deletes; the name of all that is in a
    directory is OPAQUE."""
    if not any(WHITEOUT_PREFIX in entry.path and is_whiteout(entry.path) for entry in entries):
        return []
    links: dict[str, str] = {}
    found: dict[tuple[str, str], None] = {}
    for entry in entries:
        folder, _, name = entry.path.rpartition("/")
        if name.startswith(WHITEOUT_PREFIX):
            name = name if name == OPAQUE_WHITEOUT else name.removeprefix(WHITEOUT_PREFIX)
            found[resolve_links(folder, links), name] = None
        elif entry.kind is EntryKind.SYMLINK:
            links[entry.path] = entry.link
        elif entry.kind is EntryKind.DIRECTORY:
            links.pop(entry.path, None)
            found.pop((resolve_links(folder, links), name), None)
        elif entry.path in links:
            del links[entry.path]
    return list(found)


def resolve_links(directory: str, links: dict[str, str]) -> str:
    """Where a directory is, if these symbolic links lead there; itself if they go round in circles."""
    if not links:
        return directory
    steps, here, followed = directory.split("/")[::-1], "", 0
    while steps:
        step = steps.pop()
        if step in ("", "."):
            continue
        if step == "..":
            here = here.rpartition("/")[0]
            continue
        path = f"{here}/{step}" if here else step
        if path not in links:
            here = path
            continue
        followed += 1
        if followed > _MAX_LINKS:
            return directory
        target = links[path]
        here = "" if target.startswith("/") else here
        steps.extend(target.split("/")[::-1])
    return here
