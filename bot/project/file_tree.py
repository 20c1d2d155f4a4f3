"""The files of a git tree with an index of its folders, made once for all images of a revision."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from bot.project.git_tree import SUBMODULE_MODE_PREFIX, GitTree

_ATTRIBUTES_NAME = ".gitattributes"
_BEHIND_SLASH = "0"  # the character behind `/`: paths below a folder come before `FOLDER0`


class FileTree(dict[str, str]):
    """A git tree that can be asked for folders; it is never changed.

    POSIX path -> mode and object ID, as in `GitTree`. A folder is `.` or a path without a slash at
    its end.
    """

    @cached_property
    def paths(self) -> Sequence[str]:
        """Return all paths, sorted."""
        return sorted(self)

    @cached_property
    def attribute_files(self) -> Sequence[str]:
        """Return the paths of `.gitattributes` files, sorted."""
        return [path for path in self.paths if path.endswith(_ATTRIBUTES_NAME)]

    @cached_property
    def submodules(self) -> Sequence[str]:
        """Return the paths of submodules, sorted."""
        return sorted(
            path for path, entry in self.items() if entry.startswith(SUBMODULE_MODE_PREFIX)
        )

    @cached_property
    def _selections(self) -> dict[Callable[[str], bool], Sequence[str]]:
        return {}

    def select(self, is_selected: Callable[[str], bool]) -> Sequence[str]:
        """Return the paths for which a function is true, sorted; each function is asked once."""
        if is_selected not in self._selections:
            self._selections[is_selected] = sorted(filter(is_selected, self))
        return self._selections[is_selected]

    @cached_property
    def _changes(self) -> dict[int, tuple["FileTree", Sequence[str]]]:
        return {}

    def has_folder(self, folder: str) -> bool:
        """Return True if there is a file below a folder: git has no empty ones."""
        return folder == "." or bool(select_below(self.paths, folder, at_most=1))

    def note_changes(self, other: "FileTree", paths: Sequence[str]) -> None:
        """Keep what is known to differ from another tree."""
        self._changes[id(other)] = (other, paths)

    def list_changes(self, other: "FileTree") -> Sequence[str]:
        """Return the paths, sorted, that only one of the trees has, or that differ."""
        if id(other) not in self._changes:
            # The tree is kept with the answer, so that its identity is given to no other.
            self._changes[id(other)] = (other, _compare(self, other))
        return self._changes[id(other)][1]


def patch_tree(tree: FileTree, changes: Mapping[str, str | None]) -> FileTree:
    """Return a tree with other entries for some paths; None removes one.

    Each change makes a difference, so that both trees know what differs.
    """
    patched = FileTree(tree)
    for path, entry in changes.items():
        if entry is None:
            patched.pop(path, None)
        else:
            patched[path] = entry
    differing = sorted(changes)
    patched.note_changes(tree, differing)
    tree.note_changes(patched, differing)
    return patched


def index_tree(tree: GitTree) -> FileTree:
    """Return a tree with an index; the tree itself if it has one."""
    return tree if isinstance(tree, FileTree) else FileTree(tree)


def select_below(paths: Sequence[str], folder: str, *, at_most: int | None = None) -> Sequence[str]:
    """Return those of some sorted paths that are below a folder."""
    if folder == ".":
        return paths[:at_most]
    start = bisect_left(paths, f"{folder}/")
    end = bisect_left(paths, f"{folder}{_BEHIND_SLASH}", lo=start)
    return paths[start : end if at_most is None else min(end, start + at_most)]


def _compare(first: FileTree, second: FileTree) -> Sequence[str]:
    if first is second or first == second:
        return ()
    changed = {path for path, entry in first.items() if second.get(path) != entry}
    changed.update(path for path in second if path not in first)
    return sorted(changed)
