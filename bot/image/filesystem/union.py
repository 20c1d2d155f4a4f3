"""The union of layers, which is the file system that a container sees.

Whiteouts and opaque directories hide what *lower* layers added, at any position in their own tar
(OCI image specification, layer.md), so each layer's deletions are applied before its additions.
A layer is unpacked by itself and laid over the others: a symbolic link among an entry's parents is
followed if the same layer added it; one of a lower layer is replaced by a directory.
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
# A hostile layer could create many directories, or such with long paths, by a few entries.
_MAX_DIRECTORIES = 1_500_000
_MAX_WALKED_SEGMENTS = 50_000_000  # of links among the parents of entries
_MAX_TOTAL_PATH_LENGTH = 300_000_000  # of all directories; what comes later keeps their paths


class _Directory(dict[str, "_Node"]):
    """The nodes of a directory by name.

    With `is_removed`, holders of a reference must look it up again; `entry` is that of the topmost
    `layer` that has one.
    """

    __slots__ = ("entry", "is_removed", "layer")

    def __init__(self) -> None:
        self.is_removed = False
        self.entry: Entry | None = None
        self.layer = -1


class _Leaf:
    """A node that is no directory, with its layer; for a file, the number of its hard links."""

    __slots__ = ("entry", "layer", "link_count")

    def __init__(self, entry: Entry, layer: int) -> None:
        self.entry, self.layer, self.link_count = entry, layer, 0


_Node = _Directory | _Leaf


@dataclass(frozen=True, slots=True)
class FileSystem:
    """The visible files of an image, and those that are shipped in vain.

    `tree` has every visible path but directories; the first of a file's hard links has its size,
    and `layer_by_path` the layer of each. `directories` are those that a layer has an entry for,
    with that entry and layer. `wasted_files` are shipped but not visible; `wasted_bytes` sums them
    by layer.
    """

    filesystem_bytes: int
    file_count: int
    tree: Mapping[str, Entry]
    layer_by_path: Mapping[str, int]
    directories: Mapping[str, tuple[Entry, int]]
    wasted_files: tuple[WastedFile, ...]
    wasted_bytes: tuple[int, ...]


def union_layers(layers: Sequence[LayerIndex]) -> FileSystem:
    """Return the file system of a stack of layers, the lowest first."""
    union = _LayerUnion()
    for layer in layers:
        union.apply_layer(layer.entries)
    return union.build_filesystem()


class _LayerUnion:
    """The union of the layers applied so far."""

    def __init__(self) -> None:
        self._root = _Directory()
        self._directories: dict[str, _Directory] = {"": self._root}
        self._directory_count = self._total_path_length = self._walked_segments = 0
        self._layer_index = -1
        self._visible_bytes = 0
        self._file_count = 0
        self._wasted_files: list[WastedFile] = []
        # Files that the current layer has hidden, by path, until it is known whether it replaces
        # or only removes them.
        self._hidden_files: dict[str, _Leaf] = {}

    def apply_layer(self, entries: Sequence[Entry]) -> None:
        """Apply one more layer on top."""
        self._layer_index += 1
        for folder, name in resolve_whiteouts(entries):
            self._apply_whiteout(folder, name)
        self._add_entries(entries)
        for path, leaf in self._hidden_files.items():
            self._record_waste(path, leaf, WasteCause.REMOVED)
        self._hidden_files.clear()

    def build_filesystem(self) -> FileSystem:
        """Return the file system of all applied layers."""
        wasted_bytes = [0] * (self._layer_index + 1)
        for waste in self._wasted_files:
            wasted_bytes[waste.shipping_layer] += waste.size
        tree, layer_by_path = _collect_files(self._root)
        return FileSystem(
            filesystem_bytes=self._visible_bytes,
            file_count=self._file_count,
            tree=tree,
            layer_by_path=layer_by_path,
            directories=dict(_walk_directories(self._root)),
            wasted_files=tuple(self._wasted_files),
            wasted_bytes=tuple(wasted_bytes),
        )

    def _apply_whiteout(self, parent: str, name: str) -> None:
        directory = self._get_or_create_directory(parent)
        for hidden in list(directory) if name == OPAQUE_WHITEOUT else [name]:
            self._remove_node(parent, directory, hidden)

    def _add_entries(self, entries: Sequence[Entry]) -> None:
        """Add the entries of a layer but whiteouts; mostly, those of a directory are adjacent."""
        current_parent, directory, layer = "", self._root, self._layer_index
        for entry in entries:
            parent, _, name = entry.path.rpartition("/")
            if not name or name.startswith(WHITEOUT_PREFIX):
                continue
            if parent != current_parent or directory.is_removed:
                current_parent, directory = parent, self._get_or_create_directory(parent)
            # The common case without a call: a new file that replaces nothing.
            if entry.kind is EntryKind.FILE and name not in directory and not self._hidden_files:
                leaf = directory[name] = _Leaf(entry, layer)
                leaf.link_count = 1
                self._visible_bytes += entry.size
                self._file_count += 1
            else:
                self._add_entry(entry, directory, name)

    def _add_entry(self, entry: Entry, directory: _Directory, name: str) -> None:
        parent = entry.path.rpartition("/")[0]
        node = directory.get(name)
        if entry.kind is EntryKind.DIRECTORY:
            if not isinstance(node, _Directory):
                self._remove_node(parent, directory, name)
                node = directory[name] = self._create_directory(len(entry.path))
            node.entry, node.layer = entry, self._layer_index
            return
        if node is not None:
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
        """Record that this layer replaced a file, with another content or the same."""
        hidden = self._hidden_files.pop(entry.path, None)
        if hidden is not None:
            old = hidden.entry
            is_same = (old.size, old.content_hash) == (entry.size, entry.content_hash)
            reason = WasteCause.COPIED if is_same else WasteCause.OVERWRITTEN
            self._record_waste(entry.path, hidden, reason)

    def _remove_node(self, parent: str, directory: _Directory, name: str) -> None:
        node = directory.pop(name, None)
        if node is None:
            return
        path = f"{parent}/{name}" if parent else name
        leaves = _walk_leaves(node, path) if isinstance(node, _Directory) else [(path, node)]
        for leaf_path, leaf in leaves:
            leaf.link_count -= 1
            if not leaf.link_count and leaf.entry.kind is EntryKind.FILE:
                self._hide_file(leaf_path, leaf)

    def _hide_file(self, path: str, leaf: _Leaf) -> None:
        """Remove a file after its last hard link."""
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
        """Return the file that a hard link names; None if it is missing."""
        parent, _, name = link.rpartition("/")
        directory = self._directories.get(parent)
        if directory is None or directory.is_removed:
            directory = self._get_or_create_directory(parent)
        node = directory.get(name)
        return node if isinstance(node, _Leaf) else None

    def _get_or_create_directory(self, path: str) -> _Directory:
        """Return the directory of a path.

        Missing parents are created, and files or links of lower layers give way to directories.
        """
        directory = self._directories.get(path)
        if directory is not None and not directory.is_removed:
            return directory
        segments, current, followed = path.split("/")[::-1], self._root, 0
        path_length = 0
        parents: list[tuple[str, _Directory]] = []
        while segments:
            segment = segments.pop()
            if segment in ("", "."):
                continue
            if segment == "..":
                name, current = parents.pop() if parents else ("", self._root)
                path_length -= len(name) + bool(name)
                continue
            node = current.get(segment)
            if isinstance(node, _Leaf) and self._is_followed_link(node) and followed < _MAX_LINKS:
                followed += 1
                target = node.entry.link
                if target.startswith("/"):
                    current, parents, path_length = self._root, [], 0
                segments.extend(self._split_link(target))
                continue
            path_length += len(segment) + 1
            if not isinstance(node, _Directory):
                if node is not None:
                    self._remove_node("/".join(name for name, _ in parents), current, segment)
                node = current[segment] = self._create_directory(path_length)
            parents.append((segment, current))
            current = node
        # A path through a link of this layer means another directory to the layers above.
        if not followed:
            self._directories[path] = current
        return current

    def _split_link(self, target: str) -> list[str]:
        """Return the segments of a link's target, the last first; count them all together."""
        segments = target.split("/")[::-1]
        self._walked_segments += len(segments)
        if self._walked_segments > _MAX_WALKED_SEGMENTS:
            raise Unreadable("the links among the layers' directories take too long to follow")
        return segments

    def _is_followed_link(self, leaf: _Leaf) -> bool:
        return leaf.entry.kind is EntryKind.SYMLINK and leaf.layer == self._layer_index

    def _create_directory(self, path_length: int) -> _Directory:
        self._directory_count += 1
        self._total_path_length += path_length
        if self._directory_count > _MAX_DIRECTORIES:
            raise Unreadable(f"the layers hold more than {_MAX_DIRECTORIES:,} directories")
        if self._total_path_length > _MAX_TOTAL_PATH_LENGTH:
            reason = "the paths of the layers' directories have more than"
            raise Unreadable(f"{reason} {_MAX_TOTAL_PATH_LENGTH:,} characters together")
        return _Directory()


def _collect_files(root: _Directory) -> tuple[Mapping[str, Entry], Mapping[str, int]]:
    """Return the entry and the layer of each path."""
    tree: dict[str, Entry] = {}
    layer_by_path: dict[str, int] = {}
    seen_leaves: set[_Leaf] = set()
    for path, leaf in _walk_leaves(root):
        entry = leaf.entry
        if leaf.link_count > 1:
            if leaf in seen_leaves:
                entry = entry._replace(kind=EntryKind.HARDLINK, size=0)
            seen_leaves.add(leaf)
        tree[path] = entry if entry.path == path else entry._replace(path=path)
        layer_by_path[path] = leaf.layer
    return tree, layer_by_path


def _walk_directories(root: _Directory) -> Iterator[tuple[str, tuple[Entry, int]]]:
    """Yield the directories that a layer has an entry for, with the topmost such entry."""
    stack = [(root, "")]
    while stack:
        directory, path = stack.pop()
        if directory.entry is not None and path:
            yield path, (directory.entry._replace(path=path), directory.layer)
        stack += [
            (node, f"{path}/{name}" if path else name)
            for name, node in directory.items()
            if isinstance(node, _Directory)
        ]


def _walk_leaves(directory: _Directory, path: str = "") -> Iterator[tuple[str, _Leaf]]:
    """Yield every leaf below a directory, which is marked as removed if it has a path."""
    stack = [(directory, path)]
    while stack:
        current, current_path = stack.pop()
        current.is_removed = bool(path)
        for name, node in current.items():
            child_path = f"{current_path}/{name}" if current_path else name
            if isinstance(node, _Directory):
                stack.append((node, child_path))
            else:
                yield child_path, node
