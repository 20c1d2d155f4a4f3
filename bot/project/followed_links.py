"""The files that paths of a git tree lead to, symbolic links followed."""

from collections.abc import Callable

from bot.project.file_tree import index_tree
from bot.project.git_tree import SUBMODULE_MODE_PREFIX, GitTree

_MAX_LINKS = 40  # of Linux
# The client takes paths and the targets of links for patterns, which may mean something else.
_PATTERN_CHARACTERS = frozenset("*?[]\\^!")


def resolve_below(
    tree: GitTree, folder: str, path: str, read_link: Callable[[str], str]
) -> str | None:
    """Return the file that a path leads to; None if it is none of the tree."""
    file = follow_links(tree, folder, path, read_link)
    is_file = file is not None and file in tree and not tree[file].startswith(SUBMODULE_MODE_PREFIX)
    return file if is_file else None


def follow_links(
    tree: GitTree, folder: str, path: str, read_link: Callable[[str], str]
) -> str | None:
    """Return where a path leads, which may not exist; None if nobody can say.

    Links do not leave `folder`, as for BuildKit's client: in their targets, `/` and what is above
    `folder` are `folder`.
    """
    if not _is_plain(path):
        return None
    links = index_tree(tree).links
    resolved: list[str] = []
    pending = path.split("/")[::-1]
    count = 0
    while pending:
        name = pending.pop()
        if name == "..":
            resolved = resolved[:-1]
        if name in {"", ".", ".."}:
            continue
        current = _join(folder, [*resolved, name])
        if current not in links:
            resolved.append(name)
            continue
        count += 1
        target = read_link(current)
        if count > _MAX_LINKS or not _is_plain(target):
            return None
        resolved = [] if target.startswith("/") else resolved
        # The names of the target come before those that are left of the path.
        pending += target.split("/")[::-1]
    return _join(folder, resolved)


def _is_plain(path: str) -> bool:
    """Return True for a path with one meaning only: `a/../b` depends on if `a` is a link."""
    names = [name for name in path.split("/") if name not in {"", "."}]
    # Only at its beginning does `..` mean the same for every file system.
    leading = next((n for n, name in enumerate(names) if name != ".."), len(names))
    return (
        not _PATTERN_CHARACTERS & set(path) and path == path.strip() and ".." not in names[leading:]
    )


def _join(folder: str, names: list[str]) -> str:
    return "/".join([*([] if folder == "." else [folder]), *names])
