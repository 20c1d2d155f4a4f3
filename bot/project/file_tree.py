"""The files of a git tree with an index of its folders, made once for all images of a revision."""

from bisect import bisect_left, insort
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from bot.project.git_tree import SUBMODULE_MODE_PREFIX, SYMLINK_MODE_PREFIX, GitTree
from bot.project.sorted_listing import SortedListing, make_listing

_ATTRIBUTES_NAME = ".gitattributes"
BEHIND_SLASH = "0"  # the character behind `/`: paths below a folder come before `FOLDER0`
# Of 100,000 files, one search takes some ten microseconds, and the dictionary 100 ms or more.
_MAX_SEARCHES = 5000
_MAX_INSERTIONS = 1000  # of single paths into a sorted list; more are sorted anew


class FileTree(Mapping[str, str]):
    """A git tree that can be asked for folders; it is never changed.

    POSIX path -> mode and object ID, as in `GitTree`. A folder is `.` or a path without a slash at
    its end.
    """

    def __init__(self, entries: GitTree | SortedListing) -> None:
        self._listing = entries if isinstance(entries, SortedListing) else make_listing(entries)
        self._selections: dict[Callable[[str], bool], Sequence[str]] = {}
        # By identity: to compare two trees of 100,000 files is what these answers save.
        self._changes: dict[int, tuple[FileTree, Sequence[str]]] = {}
        self._folders: dict[str, bool] = {}

    def __getitem__(self, path: str) -> str:
        """Return mode and object ID of a file."""
        if (entry := self.find(path)) is None:
            raise KeyError(path)
        return entry

    def __contains__(self, path: object) -> bool:
        """Return True for the path of a file."""
        return isinstance(path, str) and self.find(path) is not None

    def __iter__(self) -> Iterator[str]:
        """Yield every path."""
        return iter(self._entries)

    def __len__(self) -> int:
        """Return the number of files."""
        return len(self._listing)

    def items(self) -> ItemsView[str, str]:
        """Return every path with mode and object ID."""
        return self._entries.items()

    @cached_property
    def _entries(self) -> dict[str, str]:
        return self._listing.read_all()

    @cached_property
    def paths(self) -> Sequence[str]:
        """Return all paths, sorted."""
        return self._listing.list_paths()

    @cached_property
    def attribute_files(self) -> Sequence[str]:
        """Return the paths of `.gitattributes` files, sorted."""
        return self.select(_is_attribute_file, (_ATTRIBUTES_NAME,))

    @cached_property
    def submodules(self) -> Sequence[str]:
        """Return the paths of submodules, sorted."""
        return sorted(self._list_with_mode(SUBMODULE_MODE_PREFIX))

    @cached_property
    def links(self) -> frozenset[str]:
        """Return the paths of symbolic links."""
        return frozenset(self._list_with_mode(SYMLINK_MODE_PREFIX))

    def select(self, is_selected: Callable[[str], bool], words: Sequence[str]) -> Sequence[str]:
        """Return the paths for which a function is true, sorted; each function is asked once.

        It is only true for paths that have one of some words in them.
        """
        if is_selected not in self._selections:
            self._selections[is_selected] = self._select(is_selected, words)
        return self._selections[is_selected]

    def has_folder(self, folder: str) -> bool:
        """Return True if there is a file below a folder: git has no empty ones."""
        if folder not in self._folders:
            self._folders[folder] = folder == "." or any(self.list_below(folder))
        return self._folders[folder]

    def list_below(self, folder: str) -> Iterator[str]:
        """Yield the paths below a folder, which is not the top."""
        return self._listing.list_below(folder)

    def note_changes(self, other: "FileTree", paths: Sequence[str]) -> None:
        """Keep what is known to differ from another tree."""
        self._changes[id(other)] = (other, paths)

    def list_changes(self, other: "FileTree") -> Sequence[str]:
        """Return the paths, sorted, that only one of the trees has, or that differ."""
        if id(other) not in self._changes:
            # The tree is kept with the answer, so that its identity is given to no other.
            self._changes[id(other)] = (other, _compare(self, other))
        return self._changes[id(other)][1]

    def find(self, path: str) -> str | None:
        """Return mode and object ID of a file; None if there is no such file."""
        # A search is slower than a dictionary, which takes longer to make than many of them.
        if self._listing.searches > _MAX_SEARCHES:
            return self._entries.get(path)
        return self._listing.find(path)

    def _list_with_mode(self, prefix: str) -> Iterable[str]:
        return _select_mode(self, self._listing.search(prefix), prefix)

    def _select(self, is_selected: Callable[[str], bool], words: Sequence[str]) -> Sequence[str]:
        # A search of the bytes is far faster than to call a function for each of 100,000 paths.
        likely = {path for word in words for path in self._listing.search(word)}
        return sorted(filter(is_selected, likely))


class PatchedTree(FileTree):
    """A tree with other entries than an earlier one for some paths.

    Only those are looked at where the earlier tree has the answer for all others.
    """

    def __init__(self, earlier: FileTree, changes: Mapping[str, str | None]) -> None:
        # All that would read the empty listing is overridden below.
        super().__init__({})
        self._earlier, self._patches = earlier, changes
        self._patched = sorted(changes)

    def __len__(self) -> int:
        """Return the number of files."""
        changes = ((path in self) - (path in self._earlier) for path in self._patched)
        return len(self._earlier) + sum(changes)

    @cached_property
    def _entries(self) -> dict[str, str]:
        entries = dict(self._earlier.items())
        for path, entry in self._patches.items():
            if entry is None:
                entries.pop(path, None)
            else:
                entries[path] = entry
        return entries

    @cached_property
    def paths(self) -> Sequence[str]:
        """Return all paths, sorted."""
        if len(self._patched) > _MAX_INSERTIONS:
            return sorted(self)
        paths = list(self._earlier.paths)
        for path in self._patched:
            if path in self and path not in self._earlier:
                insort(paths, path)
            elif path in self._earlier and path not in self:
                del paths[bisect_left(paths, path)]
        return paths

    def find(self, path: str) -> str | None:
        """Return mode and object ID of a file; None if there is no such file."""
        return self._patches[path] if path in self._patches else self._earlier.find(path)

    def list_below(self, folder: str) -> Iterator[str]:
        """Yield the paths below a folder, which is not the top."""
        yield from (path for path in self._earlier.list_below(folder) if path not in self._patches)
        yield from (path for path in select_below(self._patched, folder) if path in self)

    def _list_with_mode(self, prefix: str) -> Iterable[str]:
        old = self._earlier.links if prefix == SYMLINK_MODE_PREFIX else self._earlier.submodules
        return _select_mode(self, {*old, *self._patched}, prefix)

    def _select(self, is_selected: Callable[[str], bool], words: Sequence[str]) -> Sequence[str]:
        selected = {*self._earlier.select(is_selected, words), *filter(is_selected, self._patched)}
        return sorted(path for path in selected if path in self)


def patch_tree(tree: FileTree, changes: Mapping[str, str | None]) -> FileTree:
    """Return a tree with other entries for some paths; None removes one.

    Each change makes a difference, so that both trees know what differs.
    """
    patched = PatchedTree(tree, changes)
    differing = sorted(changes)
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


def _select_mode(tree: FileTree, paths: Iterable[str], prefix: str) -> Iterator[str]:
    return (path for path in paths if tree.get(path, "").startswith(prefix))


def _is_attribute_file(path: str) -> bool:
    return path.rpartition("/")[2] == _ATTRIBUTES_NAME


def _compare(first: FileTree, second: FileTree) -> Sequence[str]:
    if first is second:
        return ()
    changed = {path for path, entry in first.items() if second.get(path) != entry}
    changed.update(path for path in second if path not in first)
    return sorted(changed)
