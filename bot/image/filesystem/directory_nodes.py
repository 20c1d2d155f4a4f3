"""The nodes of a file system while its layers are united: directories, and what is in them."""

from collections.abc import Iterator, Mapping

from bot.model.files import (
    Entry,
    EntryKind,
)


class Directory(dict[str, "Node"]):
    """The nodes of a directory by name.

    With `is_removed`, holders of a reference must look it up again; `entry` is that of the topmost
    `layer` that has one.
    """

    __slots__ = ("entry", "is_removed", "layer")

    def __init__(self) -> None:
        self.is_removed = False
        self.entry: Entry | None = None
        self.layer = -1


class Leaf:
    """A node that is no directory, with its layer; for a file, the number of its hard links."""

    __slots__ = ("entry", "layer", "link_count")

    def __init__(self, entry: Entry, layer: int) -> None:
        self.entry, self.layer, self.link_count = entry, layer, 0


Node = Directory | Leaf


def collect_files(root: Directory) -> tuple[Mapping[str, Entry], Mapping[str, int]]:
    """Return the entry and the layer of each path."""
    tree: dict[str, Entry] = {}
    layer_by_path: dict[str, int] = {}
    seen_leaves: set[Leaf] = set()
    for path, leaf in walk_leaves(root):
        entry = leaf.entry
        if leaf.link_count > 1:
            if leaf in seen_leaves:
                # Its bytes are on disk once, so only the first name has them.
                entry = entry._replace(kind=EntryKind.HARDLINK, size=0)
            seen_leaves.add(leaf)
        tree[path] = entry if entry.path == path else entry._replace(path=path)
        layer_by_path[path] = leaf.layer
    return tree, layer_by_path


def walk_directories(root: Directory) -> Iterator[tuple[str, tuple[Entry, int]]]:
    """Yield the directories that a layer has an entry for, with the topmost such entry."""
    stack = [(root, "")]
    while stack:
        directory, path = stack.pop()
        if directory.entry is not None and path:
            yield path, (directory.entry._replace(path=path), directory.layer)
        stack += [
            (node, f"{path}/{name}" if path else name)
            for name, node in directory.items()
            if isinstance(node, Directory)
        ]


def walk_leaves(directory: Directory, path: str = "") -> Iterator[tuple[str, Leaf]]:
    """Yield every leaf below a directory, which is marked as removed if it has a path."""
    stack = [(directory, path)]
    while stack:
        current, current_path = stack.pop()
        current.is_removed = bool(path)
        for name, node in current.items():
            child_path = f"{current_path}/{name}" if current_path else name
            if isinstance(node, Directory):
                stack.append((node, child_path))
            else:
                yield child_path, node
