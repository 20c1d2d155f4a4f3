"""The content of a build context, as far as a git tree shows it: its digest and its changes."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Protocol

from bot.project.file_tree import FileTree, select_below
from bot.project.git_tree import SUBMODULE_MODE_PREFIX


class IgnoreRules(Protocol):
    """The rules of an ignore file, for paths relative to the context."""

    def is_ignored(self, path: str) -> bool:
        """Return True for a path that is left out."""
        ...

    def is_pruned(self, path: str) -> bool:
        """Return True for a folder that is left out with everything in it."""
        ...


def digest_context(tree: FileTree, context: str, rules: IgnoreRules | None = None) -> str:
    """Return a digest of the files and folders of a context; without rules nothing is left out."""
    digest = hashlib.sha256()
    prefix = _make_prefix(context)
    for path in _list_sent(tree, select_below(tree.paths, context), len(prefix), rules):
        # No path has a null character, so that two lists of files never make the same bytes.
        line = f"{path}\0{tree.get(prefix + path, '')}\0"
        digest.update(line.encode(errors="surrogateescape"))
    return digest.hexdigest()


def has_sent_changes(
    trees: tuple[FileTree, FileTree], context: str, rules: IgnoreRules | None = None
) -> bool:
    """Return True if a context sends other files or folders in one tree than in the other.

    The same as to compare both digests, but only what changed is matched.
    """
    changed = select_below(trees[0].list_changes(trees[1]), context)
    if rules is None:
        return bool(changed)
    prefix = _make_prefix(context)
    return any(_is_sent_differently(trees, prefix, path[len(prefix) :], rules) for path in changed)


def _is_sent_differently(
    trees: tuple[FileTree, FileTree], prefix: str, path: str, rules: IgnoreRules
) -> bool:
    """Return True if a path that differs is sent, or a folder above it that one tree lacks."""
    if any(_is_sent(tree.get(prefix + path), path, rules) for tree in trees):
        return True
    folder = path.rpartition("/")[0]
    while folder:
        sides = [tree.has_folder(prefix + folder) for tree in trees]
        # A folder that is in both trees is so with all that are above it.
        if sides[0] == sides[1]:
            return False
        if not rules.is_ignored(folder):
            return True
        folder = folder.rpartition("/")[0]
    return False


def _is_sent(entry: str | None, path: str, rules: IgnoreRules) -> bool:
    """Return True for a file that is not ignored.

    The files of a submodule are not in the tree: it counts unless none of them can be sent.
    """
    if entry is None:
        return False
    if entry.startswith(SUBMODULE_MODE_PREFIX):
        return not rules.is_pruned(path)
    return not rules.is_ignored(path)


def _make_prefix(context: str) -> str:
    return "" if context == "." else f"{context}/"


def _list_sent(
    tree: FileTree, paths: Sequence[str], start: int, rules: IgnoreRules | None
) -> Iterator[str]:
    """Yield what is sent, relative to the context, to which the first `start` characters lead.

    A folder without files counts, too, for it is in the image.
    """
    if rules is None:
        yield from (path[start:] for path in paths)
        return
    last_folder = ""
    listed: set[str] = set()
    for full_path in paths:
        path = full_path[start:]
        folder = path.rpartition("/")[0]
        if folder != last_folder:
            last_folder = folder
            yield from (x for x in _list_new_folders(folder, listed) if not rules.is_ignored(x))
        if _is_sent(tree[full_path], path, rules):
            yield path


def _list_new_folders(folder: str, listed: set[str]) -> list[str]:
    """Return a folder and those above it that were not listed yet, and take them for listed."""
    new: list[str] = []
    while folder and folder not in listed:
        new.append(folder)
        folder = folder.rpartition("/")[0]
    listed.update(new)
    return new[::-1]
