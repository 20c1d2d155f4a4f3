"""The files of a git tree with an index of its folders, made once for all images of a revision."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from bot.project.git_tree import SUBMODULE_MODE_PREFIX, GitTree

_ATTRIBUTES_NAME = ".gitattributes"
BEHIND_SLASH = "0"  # the character behind `/`: paths below a folder come before `FOLDER0`
_SEPARATOR = "\0"  # in no path
_MAX_INSERTIONS = 1000  # of single paths into a sorted list; more are sorted anew


class FileTree(dict[str, str]):
    """A git tree that can be asked for folders; it is never changed.

    POSIX path -> mode and object ID, as in `GitTree`. A folder is `.` or a path without a slash at
    its end. Of a tree with an `origin`, an earlier tree and the paths that differ from it, only
    those are looked at where the earlier tree has the answer for all others.
    """

    origin: tuple["FileTree", Sequence[str]] | None = None

    @cached_property
    def paths(self) -> Sequence[str]:
        """Return all paths, sorted."""
        if self.origin is None or len(self.origin[1]) > _MAX_INSERTIONS:
            return sorted(self)
        earlier, changed = self.origin
        paths = list(earlier.paths)
        for path in changed:
            if path in self and path not in earlier:
                insort(paths, path)
            elif path in earlier and path not in self:
                del paths[bisect_left(paths, path)]
        return paths

    @cached_property
    def attribute_files(self) -> Sequence[str]:
        """Return the paths of `.gitattributes` files, sorted."""
        return self.select(_is_attribute_file, (_ATTRIBUTES_NAME,))

    @cached_property
    def submodules(self) -> Sequence[str]:
        """Return the paths of submodules, sorted."""
        return sorted(
            path for path, entry in self.items() if entry.startswith(SUBMODULE_MODE_PREFIX)
        )

    @cached_property
    def _selections(self) -> dict[Callable[[str], bool], Sequence[str]]:
        return {}

    def select(self, is_selected: Callable[[str], bool], words: Sequence[str]) -> Sequence[str]:
        """Return the paths for which a function is true, sorted; each function is asked once.

        It is only true for paths that have one of some words in them.
        """
        if is_selected not in self._selections:
            self._selections[is_selected] = self._select(is_selected, words)
        return self._selections[is_selected]

    def _select(self, is_selected: Callable[[str], bool], words: Sequence[str]) -> Sequence[str]:
        if self.origin is None:
            likely = {path for word in words for path in _list_having(self._text, word)}
            return sorted(filter(is_selected, likely))
        earlier, changed = self.origin
        selected = {*earlier.select(is_selected, words), *filter(is_selected, changed)}
        return sorted(selected & self.keys())

    @cached_property
    def _text(self) -> str:
        """Return all paths as one text, which is searched faster than each of them."""
        return _SEPARATOR.join(("", *self, ""))

    @cached_property
    def _changes(self) -> dict[int, tuple["FileTree", Sequence[str]]]:
        return {}

    def has_folder(self, folder: str) -> bool:
        """Return True if there is a file below a folder: git has no empty ones."""
        if folder == ".":
            return True
        start = bisect_left(self.paths, f"{folder}/")
        return start < len(self.paths) and self.paths[start].startswith(f"{folder}/")

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
    patched.origin = (tree, differing)
    patched.note_changes(tree, differing)
    tree.note_changes(patched, differing)
    return patched


def index_tree(tree: GitTree) -> FileTree:
    """Return a tree with an index; the tree itself if it has one."""
    return tree if isinstance(tree, FileTree) else FileTree(tree)


def select_below(paths: Sequence[str], folder: str) -> Sequence[str]:
    """Return those of some sorted paths that are below a folder."""
    if folder == ".":
        return paths
    start = bisect_left(paths, f"{folder}/")
    end = bisect_left(paths, f"{folder}{BEHIND_SLASH}", lo=start)
    return paths[start:end]


def _list_having(text: str, word: str) -> Iterator[str]:
    """Yield the paths in a text of them that have a word, each once."""
    position = text.find(word)
    while position >= 0:
        end = text.index(_SEPARATOR, position)
        yield text[text.rindex(_SEPARATOR, 0, position) + 1 : end]
        position = text.find(word, end)


def _is_attribute_file(path: str) -> bool:
    return path.endswith(_ATTRIBUTES_NAME)


def _compare(first: FileTree, second: FileTree) -> Sequence[str]:
    if first is second or first == second:
        return ()
    changed = {path for path, entry in first.items() if second.get(path) != entry}
    changed.update(path for path in second if path not in first)
    return sorted(changed)
