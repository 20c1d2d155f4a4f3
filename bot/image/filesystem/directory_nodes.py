"""The nodes of a file system while its layers are united: directories, and what is in them."""

from array import array
from collections.abc import Collection, Iterator, Mapping

from bot.model.files import Entry, EntryKind


class Directory(dict[str, "Node"]):
    """The nodes of a directory by name.

    With `is_removed`, holders of a reference must look it up again; `entry` is that of the topmost
    `layer` that has one.
    """

    __slots__ = ("entry", "is_removed", "layer")

    def __init__(self, nodes: Mapping[str, "Node"] = {}) -> None:
        super().__init__(nodes)
        self.is_removed = False
        self.entry: Entry | None = None
        self.layer = -1


class Leaf:
    """A node that is no directory, with its layer; the hard links to a file are one leaf."""

    __slots__ = ("entry", "layer")

    def __init__(self, entry: Entry, layer: int) -> None:
        self.entry, self.layer = entry, layer


Node = Directory | Leaf


def copy_directories(root: Directory) -> dict[int, Directory]:
    """Copy a directory and those below it; return the copies by the `id` of what they copy.

    The leaves are shared: nothing changes them.
    """
    copies = {id(root): _copy_directory(root)}
    pending = list(copies.values())
    while pending:
        directory = pending.pop()
        for name, node in directory.items():
            if isinstance(node, Directory):
                directory[name] = copies[id(node)] = _copy_directory(node)
                pending.append(copies[id(node)])
    return copies


def _copy_directory(directory: Directory) -> Directory:
    copy = Directory(directory)
    copy.entry, copy.layer = directory.entry, directory.layer
    return copy


def collect_files(
    root: Directory, linked_leaves: Collection[Leaf]
) -> tuple[Mapping[str, Entry], Mapping[str, int]]:
    """Return the entry and the layer of each path; empty all directories.

    `linked_leaves` are those with several paths. The nodes of a large image take as much memory as
    its entries, so they are freed on the way.
    """
    tree: dict[str, Entry] = {}
    layers = array("H")  # by position in the tree
    seen_leaves: set[Leaf] = set()
    for directory, directory_path in _walk_tree(root):
        prefix = f"{directory_path}/" if directory_path else ""
        for name, leaf in directory.items():
            if not isinstance(leaf, Leaf):
                continue
            entry = _move_entry(leaf.entry, prefix + name)
            if leaf in linked_leaves:
                if leaf in seen_leaves:
                    # Its bytes are on disk once, so only the first name has them.
                    entry = entry._replace(kind=EntryKind.HARDLINK, size=0)
                seen_leaves.add(leaf)
            # The entry's own string, so that equal ones do not take memory twice.
            tree[entry.path] = entry
            layers.append(leaf.layer)
        directory.clear()
    # Only now, since the nodes that are gone had the memory that this takes.
    return tree, dict(zip(tree, layers, strict=True))


def list_directories(root: Directory) -> dict[str, tuple[Entry, int]]:
    """Return the directories that a layer has an entry for, with the topmost such entry."""
    return {
        path: (_move_entry(directory.entry, path), directory.layer)
        for directory, path in _walk_tree(root)
        if directory.entry is not None and path
    }


def remove_leaves(directory: Directory, path: str) -> Iterator[tuple[str, Leaf]]:
    """Yield every leaf below a directory that is removed, and mark all directories as such."""
    for current, current_path in _walk_tree(directory, path):
        current.is_removed = True
        yield from _list_leaves(current, current_path)


def _walk_tree(directory: Directory, path: str = "") -> Iterator[tuple[Directory, str]]:
    """Yield a directory and those below it; it may be emptied before the next one is taken."""
    # Not in tuples: Python keeps freed ones, and so the memory of all nodes around each of them.
    directories, paths = [directory], [path]
    while directories:
        current, current_path = directories.pop(), paths.pop()
        prefix = f"{current_path}/" if current_path else ""
        for name, node in current.items():
            if isinstance(node, Directory):
                directories.append(node)
                paths.append(prefix + name)
        yield current, current_path


def _list_leaves(directory: Directory, path: str) -> Iterator[tuple[str, Leaf]]:
    prefix = f"{path}/" if path else ""
    return ((prefix + name, x) for name, x in directory.items() if isinstance(x, Leaf))


def _move_entry(entry: Entry, path: str) -> Entry:
    """Return an entry with its path in the image, which a link may have changed."""
    return entry if entry.path == path else entry._replace(path=path)
