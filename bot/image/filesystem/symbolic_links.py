"""Following symbolic links as the kernel does, in a tree that is only known by its entries.

The tree of an image and the whiteouts of a layer look up a link's target in different places, so
that the walk takes the lookup as a function.
"""

from collections.abc import Callable

_MAX_LINKS = 40  # as many as the kernel follows before it says ELOOP


def follow_links(
    path: str,
    read_link: Callable[[str], str | None],
    can_enter: Callable[[str], bool] = lambda folder: True,
) -> str | None:
    """Return the path at the end of all links, without a leading slash.

    None beyond 40 links, and where the path goes on below something that cannot be entered: the
    kernel's ENOTDIR and ENOENT. The path itself need not exist.
    """
    current, segments, followed = "", path.split("/")[::-1], 0
    while segments:
        segment = segments.pop()
        if segment in {"", "."}:
            continue
        if segment == "..":
            current = current.rpartition("/")[0]
            continue
        parent, current = current, f"{current}/{segment}" if current else segment
        target = read_link(current)
        if target is not None:
            followed += 1
            if followed > _MAX_LINKS:
                return None
            current = "" if target.startswith("/") else parent
            segments.extend(target.split("/")[::-1])
        elif segments and not can_enter(current) and any(x not in {"", "."} for x in segments):
            return None
    return current
