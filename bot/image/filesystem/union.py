"""Adds layers up to the file system that a container sees.

Whiteouts and opaque directories hide what *lower* layers brought, wherever they stand in their own
tar (OCI image specification, layer.md), so each layer's deletions are applied before its additions.
A layer is unpacked by itself and laid over the others: a symbolic link of its own among an entry's
parents is followed, one of a lower layer gives way to a directory.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.image.filesystem.whiteouts import deletions
from bot.image.layers.layer_index import LayerIndex
from bot.image.layers.streams import Unreadable
from bot.model.files import OPAQUE, WHITEOUT, Entry, Hidden, Kind, Waste

_MAX_LINKS = 40  # as many as the kernel follows before it says ELOOP
_MAX_DIRECTORIES = 1_500_000  # made by the parents of entries that a hostile layer piles up


class _Directory(dict[str, "_Node"]):
    """A directory's names. `gone` once it was removed, so that whoever remembers it looks again;
    `entry` is that of the topmost `layer` that has one."""

    __slots__ = ("entry", "gone", "layer")

    def __init__(self) -> None:
        self.gone = False
        self.entry: Entry | None = None
        self.layer = -1


class _Leaf:
    """What is no directory, and the layer that brought it; a file counts its names."""

    __slots__ = ("entry", "layer", "names")

    def __init__(self, entry: Entry, layer: int) -> None:
        self.entry, self.layer, self.names = entry, layer, 0


_Node = _Directory | _Leaf


@dataclass(frozen=True, slots=True)
class FileSystem:
    """What is left to see, and what is not.

    `tree` is every path that a container sees but those of directories; of a file's several names the
    first has its size, the others are hard links. `origins` tells the layer each is from.
    `directories` are those that a layer names, with mode and owner, and the layer. `wastes`
    lists each file that is shipped in vain, and `wasted_bytes` adds them up for each layer.
    """

    filesystem_bytes: int
    files: int
    tree: Mapping[str, Entry]
    origins: Mapping[str, int]
    directories: Mapping[str, tuple[Entry, int]]
    wastes: tuple[Waste, ...]
    wasted_bytes: tuple[int, ...]


def add_up(layers: Sequence[LayerIndex]) -> FileSystem:
    """The file system of a stack of layers, the lowest first."""
    stack = _Stack()
    for layer in layers:
        stack.lay(layer.entries)
    return stack.result()


class _Stack:
    """The layers laid so far."""

    def __init__(self) -> None:
        self._root = _Directory()
        self._directories: dict[str, _Directory] = {"": self._root}
        self._made = 0
        self._layer = -1
        self._seen = 0
        self._files = 0
        self._wastes: list[Waste] = []
        # Files that the present layer has hidden, by path: it may yet bring them anew.
        self._dropped: dict[str, _Leaf] = {}

    def lay(self, entries: Sequence[Entry]) -> None:
        """One more layer on top."""
        self._layer += 1
        for folder, name in deletions(entries):
            self._hide(folder, name)
        self._add_all(entries)
        for path, leaf in self._dropped.items():
            self._waste(path, leaf, Hidden.REMOVED)
        self._dropped.clear()

    def result(self) -> FileSystem:
        """All that was laid, added up."""
        wasted = [0] * (self._layer + 1)
        for waste in self._wastes:
            wasted[waste.written] += waste.size
        tree, origins = _seen(self._root)
        return FileSystem(
            filesystem_bytes=self._seen,
            files=self._files,
            tree=tree,
            origins=origins,
            directories=dict(_directories(self._root)),
            wastes=tuple(self._wastes),
            wasted_bytes=tuple(wasted),
        )

    def _hide(self, parent: str, name: str) -> None:
        directory = self._directory(parent)
        for hidden in list(directory) if name == OPAQUE else [name]:
            self._drop(parent, directory, hidden)

    def _add_all(self, entries: Sequence[Entry]) -> None:
        """The entries of a layer that stay. Those of one directory stand together, nearly always."""
        above, directory, layer = "", self._root, self._layer
        for entry in entries:
            parent, _, name = entry.path.rpartition("/")
            if not name or name.startswith(WHITEOUT):
                continue
            if parent != above or directory.gone:
                above, directory = parent, self._directory(parent)
            if entry.kind is Kind.FILE and name not in directory and not self._dropped:
                leaf = directory[name] = _Leaf(entry, layer)
                leaf.names = 1
                self._seen += entry.size
                self._files += 1
            else:
                self._add(entry, directory, name)

    def _add(self, entry: Entry, directory: _Directory, name: str) -> None:
        parent = entry.path.rpartition("/")[0]
        there = directory.get(name)
        if entry.kind is Kind.DIRECTORY:
            if not isinstance(there, _Directory):
                self._drop(parent, directory, name)
                there = directory[name] = self._new_directory()
            there.entry, there.layer = entry, self._layer
            return
        if there is not None:
            self._drop(parent, directory, name)
        leaf = _Leaf(entry, self._layer)
        if entry.kind is Kind.HARDLINK:
            leaf = self._target(entry.link) or leaf
        elif entry.kind is Kind.FILE:
            self._seen += entry.size
            self._files += 1
            self._replace(entry)
        leaf.names += 1
        directory[name] = leaf

    def _replace(self, entry: Entry) -> None:
        """Says of a file that this layer has hidden that it is there again."""
        old = self._dropped.pop(entry.path, None)
        if old is not None:
            same = (old.entry.size, old.entry.content) == (entry.size, entry.content)
            self._waste(entry.path, old, Hidden.COPIED if same else Hidden.OVERWRITTEN)

    def _drop(self, parent: str, directory: _Directory, name: str) -> None:
        node = directory.pop(name, None)
        if node is None:
            return
        path = f"{parent}/{name}" if parent else name
        for below, leaf in _walk(node, path) if isinstance(node, _Directory) else [(path, node)]:
            leaf.names -= 1
            if not leaf.names and leaf.entry.kind is Kind.FILE:
                self._forget(below, leaf)

    def _forget(self, path: str, leaf: _Leaf) -> None:
        """The last name of a file is gone."""
        self._seen -= leaf.entry.size
        self._files -= 1
        if path in self._dropped:
            self._waste(path, self._dropped.pop(path), Hidden.OVERWRITTEN)
        self._dropped[path] = leaf

    def _waste(self, path: str, leaf: _Leaf, how: Hidden) -> None:
        self._wastes.append(Waste(path, leaf.entry.size, leaf.layer, self._layer, how))

    def _target(self, link: str) -> _Leaf | None:
        """The file that a hard link names."""
        parent, _, name = link.rpartition("/")
        directory = self._directories.get(parent)
        if directory is None or directory.gone:
            directory = self._directory(parent)
        node = directory.get(name)
        return node if isinstance(node, _Leaf) else None

    def _directory(self, path: str) -> _Directory:
        """The directory of a path; what is missing, or gives way to one, becomes one."""
        known = self._directories.get(path)
        if known is not None and not known.gone:
            return known
        steps, here, parents = path.split("/")[::-1], self._root, list[tuple[str, _Directory]]()
        followed = 0
        while steps:
            step = steps.pop()
            if step in ("", "."):
                continue
            if step == "..":
                here = parents.pop()[1] if parents else self._root
                continue
            node = here.get(step)
            if isinstance(node, _Leaf) and self._follows(node) and followed < _MAX_LINKS:
                followed += 1
                target = node.entry.link
                if target.startswith("/"):
                    here, parents = self._root, []
                steps.extend(target.split("/")[::-1])
                continue
            if not isinstance(node, _Directory):
                self._drop("/".join(name for name, _ in parents), here, step)
                node = here[step] = self._new_directory()
            parents.append((step, here))
            here = node
        if not followed:
            self._directories[path] = here
        return here

    def _follows(self, leaf: _Leaf) -> bool:
        return leaf.entry.kind is Kind.SYMLINK and leaf.layer == self._layer

    def _new_directory(self) -> _Directory:
        self._made += 1
        if self._made > _MAX_DIRECTORIES:
            raise Unreadable("the layers hold more directories than any real image")
        return _Directory()


def _seen(root: _Directory) -> tuple[Mapping[str, Entry], Mapping[str, int]]:
    """The entry and the layer of each path."""
    tree: dict[str, Entry] = {}
    origins: dict[str, int] = {}
    named: set[_Leaf] = set()
    for path, leaf in _walk(root):
        entry = leaf.entry
        if leaf.names > 1:
            if leaf in named:
                entry = entry._replace(kind=Kind.HARDLINK, size=0)
            named.add(leaf)
        tree[path] = entry if entry.path == path else entry._replace(path=path)
        origins[path] = leaf.layer
    return tree, origins


def _directories(root: _Directory) -> Iterator[tuple[str, tuple[Entry, int]]]:
    """The directories that some layer has an entry for, by their paths, and the topmost of these."""
    left = [(root, "")]
    while left:
        here, above = left.pop()
        if here.entry is not None and above:
            yield above, (here.entry._replace(path=above), here.layer)
        left += [
            (node, f"{above}/{name}" if above else name)
            for name, node in here.items()
            if isinstance(node, _Directory)
        ]


def _walk(directory: _Directory, path: str = "") -> Iterator[tuple[str, _Leaf]]:
    """Every leaf below a directory; a directory that is walked for its removal is marked gone."""
    left = [(directory, path)]
    while left:
        here, above = left.pop()
        here.gone = bool(path)
        for name, node in here.items():
            below = f"{above}/{name}" if above else name
            if isinstance(node, _Directory):
                left.append((node, below))
            else:
                yield below, node
