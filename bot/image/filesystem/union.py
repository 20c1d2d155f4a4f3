"""Adds layers up to the file system that a container sees.

Whiteouts and opaque directories hide what *lower* layers brought, wherever they stand in their own
tar (OCI image specification, layer.md), so each layer's deletions are applied before its additions.
A layer is unpacked by itself and laid over the others: a symbolic link of its own among an entry's
parents is followed, one of a lower layer gives way to a directory.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.image.filesystem.whiteouts import resolve_whiteouts
from bot.image.layers.layer_index import LayerIndex
from bot.image.layers.streams import Unreadable
from bot.model.files import (
    OPAQUE_WHITEOUT,
    WHITEOUT_PREFIX,
    Entry,
    EntryKind,
    WasteCause,
    WastedFile,
)

_MAX_LINKS = 40  # as many as the kernel follows before it says ELOOP
_MAX_DIRECTORIES = 1_500_000  # made by the parents of entries that a hostile layer piles up


class _Directory(dict[str, "_Node"]):
    """A directory's names. `gone` once it was removed, so that whoever remembers it looks again;
    `entry` is that of the topmost `layer` that has one."""

    __slots__ = ("entry", "is_removed", "layer")

    def __init__(self) -> None:
        self.is_removed = False
        self.entry: Entry | None = None
        self.layer = -1


class _Leaf:
    """What is no directory, and the layer that brought it; a file counts its names."""

    __slots__ = ("entry", "layer", "link_count")

    def __init__(self, entry: Entry, layer: int) -> None:
        self.entry, self.layer, self.link_count = entry, layer, 0


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
    file_count: int
    tree: Mapping[str, Entry]
    layer_by_path: Mapping[str, int]
    directories: Mapping[str, tuple[Entry, int]]
    wasted_files: tuple[WastedFile, ...]
    wasted_bytes: tuple[int, ...]


def union_layers(layers: Sequence[LayerIndex]) -> FileSystem:
    """The file system of a stack of layers, the lowest first."""
    stack = _LayerUnion()
    for layer in layers:
        stack.apply_layer(layer.entries)
    return stack.build_filesystem()


class _LayerUnion:
    """The layers laid so far."""

    def __init__(self) -> None:
        self._root = _Directory()
        self._directories: dict[str, _Directory] = {"": self._root}
        self._directory_count = 0
        self._layer_index = -1
        self._visible_bytes = 0
        self._file_count = 0
        self._wasted_files: list[WastedFile] = []
        # Files that the present layer has hidden, by path: it may yet bring them anew.
        self._hidden_files: dict[str, _Leaf] = {}

    def apply_layer(self, entries: Sequence[Entry]) -> None:
        """One more layer on top."""
        self._layer_index += 1
        for folder, name in resolve_whiteouts(entries):
            self._apply_whiteout(folder, name)
        self._add_entries(entries)
        for path, leaf in self._hidden_files.items():
            self._record_waste(path, leaf, WasteCause.REMOVED)
        self._hidden_files.clear()

    def build_filesystem(self) -> FileSystem:
        """All that was laid, added up."""
        wasted = [0] * (self._layer_index + 1)
        for waste in self._wasted_files:
            wasted[waste.shipping_layer] += waste.size
        tree, origins = _collect_files(self._root)
        return FileSystem(
            filesystem_bytes=self._visible_bytes,
            file_count=self._file_count,
            tree=tree,
            layer_by_path=origins,
            directories=dict(_walk_directories(self._root)),
            wasted_files=tuple(self._wasted_files),
            wasted_bytes=tuple(wasted),
        )

    def _apply_whiteout(self, parent: str, name: str) -> None:
        directory = self._get_or_create_directory(parent)
        for hidden in list(directory) if name == OPAQUE_WHITEOUT else [name]:
            self._remove_node(parent, directory, hidden)

    def _add_entries(self, entries: Sequence[Entry]) -> None:
        """The entries of a layer that stay. Those of one directory stand together, nearly always."""
        above, directory, layer = "", self._root, self._layer_index
        for entry in entries:
            parent, _, name = entry.path.rpartition("/")
            if not name or name.startswith(WHITEOUT_PREFIX):
                continue
            if parent != above or directory.is_removed:
                above, directory = parent, self._get_or_create_directory(parent)
            if entry.kind is EntryKind.FILE and name not in directory and not self._hidden_files:
                leaf = directory[name] = _Leaf(entry, layer)
                leaf.link_count = 1
                self._visible_bytes += entry.size
                self._file_count += 1
            else:
                self._add_entry(entry, directory, name)

    def _add_entry(self, entry: Entry, directory: _Directory, name: str) -> None:
        parent = entry.path.rpartition("/")[0]
        there = directory.get(name)
        if entry.kind is EntryKind.DIRECTORY:
            if not isinstance(there, _Directory):
                self._remove_node(parent, directory, name)
                there = directory[name] = self._create_directory()
            there.entry, there.layer = entry, self._layer_index
            return
        if there is not None:
            self._remove_node(parent, directory, name)
        leaf = _Leaf(entry, self._layer_index)
        if entry.kind is EntryKind.HARDLINK:
            leaf = self._find_link_target(entry.link) or leaf
        elif entry.kind is EntryKind.FILE:
            self._visible_bytes += entry.size
            self._file_count += 1
            self._record_replacement(entry)
        leaf.link_count += 1
        directory[name] = leaf

    def _record_replacement(self, entry: Entry) -> None:
        """Says of a file that this layer has hidden that it is there again."""
        old = self._hidden_files.pop(entry.path, None)
        if old is not None:
            same = (old.entry.size, old.entry.content_hash) == (entry.size, entry.content_hash)
            self._record_waste(
                entry.path, old, WasteCause.COPIED if same else WasteCause.OVERWRITTEN
            )

    def _remove_node(self, parent: str, directory: _Directory, name: str) -> None:
        node = directory.pop(name, None)
        if node is None:
            return
        path = f"{parent}/{name}" if parent else name
        for below, leaf in (
            _walk_leaves(node, path) if isinstance(node, _Directory) else [(path, node)]
        ):
            leaf.link_count -= 1
            if not leaf.link_count and leaf.entry.kind is EntryKind.FILE:
                self._hide_file(below, leaf)

    def _hide_file(self, path: str, leaf: _Leaf) -> None:
        """The last name of a file is gone."""
        self._visible_bytes -= leaf.entry.size
        self._file_count -= 1
        if path in self._hidden_files:
            self._record_waste(path, self._hidden_files.pop(path), WasteCause.OVERWRITTEN)
        self._hidden_files[path] = leaf

    def _record_waste(self, path: str, leaf: _Leaf, reason: WasteCause) -> None:
        self._wasted_files.append(
            WastedFile(path, leaf.entry.size, leaf.layer, self._layer_index, reason)
        )

    def _find_link_target(self, link: str) -> _Leaf | None:
        """The file that a hard link names."""
        parent, _, name = link.rpartition("/")
        directory = self._directories.get(parent)
        if directory is None or directory.is_removed:
            directory = self._get_or_create_directory(parent)
        node = directory.get(name)
        return node if isinstance(node, _Leaf) else None

    def _get_or_create_directory(self, path: str) -> _Directory:
        """The directory of a path; what is missing, or gives way to one, becomes one."""
        known = self._directories.get(path)
        if known is not None and not known.is_removed:
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
            if isinstance(node, _Leaf) and self._is_followed_link(node) and followed < _MAX_LINKS:
                followed += 1
                target = node.entry.link
                if target.startswith("/"):
                    here, parents = self._root, []
                steps.extend(target.split("/")[::-1])
                continue
            if not isinstance(node, _Directory):
                self._remove_node("/".join(name for name, _ in parents), here, step)
                node = here[step] = self._create_directory()
            parents.append((step, here))
            here = node
        if not followed:
            self._directories[path] = here
        return here

    def _is_followed_link(self, leaf: _Leaf) -> bool:
        return leaf.entry.kind is EntryKind.SYMLINK and leaf.layer == self._layer_index

    def _create_directory(self) -> _Directory:
        self._directory_count += 1
        if self._directory_count > _MAX_DIRECTORIES:
            raise Unreadable("the layers hold more directories than any real image")
        return _Directory()


def _collect_files(root: _Directory) -> tuple[Mapping[str, Entry], Mapping[str, int]]:
    """The entry and the layer of each path."""
    tree: dict[str, Entry] = {}
    origins: dict[str, int] = {}
    named: set[_Leaf] = set()
    for path, leaf in _walk_leaves(root):
        entry = leaf.entry
        if leaf.link_count > 1:
            if leaf in named:
                entry = entry._replace(kind=EntryKind.HARDLINK, size=0)
            named.add(leaf)
        tree[path] = entry if entry.path == path else entry._replace(path=path)
        origins[path] = leaf.layer
    return tree, origins


def _walk_directories(root: _Directory) -> Iterator[tuple[str, tuple[Entry, int]]]:
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


def _walk_leaves(directory: _Directory, path: str = "") -> Iterator[tuple[str, _Leaf]]:
    """Every leaf below a directory; a directory that is walked for its removal is marked gone."""
    left = [(directory, path)]
    while left:
        here, above = left.pop()
        here.is_removed = bool(path)
        for name, node in here.items():
            below = f"{above}/{name}" if above else name
            if isinstance(node, _Directory):
                left.append((node, below))
            else:
                yield below, node
