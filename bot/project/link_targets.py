"""The files that symbolic links of a git tree lead to, outside of the folders that they are in."""

from collections.abc import Callable, Iterable

from bot.project.file_tree import FileTree, select_below
from bot.project.git_tree import SUBMODULE_MODE_PREFIX, SYMLINK_MODE_PREFIX


class UnclearLinkError(ValueError):
    """A link that may lead to any file."""


def add_link_targets(
    tree: FileTree, paths: Iterable[str], read_link: Callable[[str], str]
) -> frozenset[str]:
    """Return some paths of a tree with all that links among them lead to.

    UnclearLinkError for a link to the whole repository or out of it, and for one over another link.
    """
    reached = set(paths)
    pending = [path for path in reached if tree[path].startswith(SYMLINK_MODE_PREFIX)]
    while pending:
        link = pending.pop()
        target = read_link(link)
        if target.startswith("/"):
            continue  # no folder that a tree is written to is known to whoever made the link
        new = set(_list_reached(tree, _resolve(tree, link, target))) - reached
        reached |= new
        pending += [path for path in new if tree[path].startswith(SYMLINK_MODE_PREFIX)]
    return frozenset(reached)


def _list_reached(tree: FileTree, path: str) -> Iterable[str]:
    return (path,) if path in tree else select_below(tree.paths, path)


def _resolve(tree: FileTree, link: str, target: str) -> str:
    """Return the path that a relative target leads to, which may not exist."""
    resolved = link.split("/")[:-1]
    names = [name for name in target.split("/") if name not in {"", "."}]
    for name in names:
        # Behind another link or in a submodule, the target is a file that the tree does not name.
        is_indirect = tree.get("/".join(resolved), "").startswith(
            (SYMLINK_MODE_PREFIX, SUBMODULE_MODE_PREFIX)
        )
        if is_indirect or (name == ".." and not resolved):
            raise UnclearLinkError(link)
        resolved = resolved[:-1] if name == ".." else [*resolved, name]
    if not resolved:
        raise UnclearLinkError(link)
    return "/".join(resolved)
