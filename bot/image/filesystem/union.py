"""The union of layers, which is the file system that a container sees.

Whiteouts and opaque directories hide what *lower* layers added, at any position in their own tar
(OCI image specification, layer.md), so each layer's deletions are applied before its additions.
A layer is unpacked by itself and laid over the others: a symbolic link among an entry's parents is
followed if the same layer added it; one of a lower layer is replaced by a directory.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass

from bot.image.filesystem.directory_nodes import (
    Directory,
    Leaf,
    collect_files,
    list_directories,
    remove_leaves,
)
from bot.image.filesystem.directory_tree import DirectoryTree
from bot.image.filesystem.whiteouts import resolve_whiteouts
from bot.model.files import (
    OPAQUE_WHITEOUT,
    WHITEOUT_PREFIX,
    Entry,
    EntryKind,
    WasteCause,
    WastedFile,
)


@dataclass(frozen=True, slots=True)
class FileSystem:
    """The visible files of an image, and those that later layers hide.

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


class LayerUnion:
    """The union of the layers applied so far."""

    def __init__(self) -> None:
        self._directories = DirectoryTree()
        self._layer_index = -1
        self._visible_bytes = 0
        self._file_count = 0
        # The hard links to a file but for one, where it has several.
        self._further_links: dict[Leaf, int] = {}
        self._wasted_files: list[WastedFile] = []
        # Files that the current layer has hidden, by path, until it is known whether it replaces
        # or only removes them.
        self._hidden_files: dict[str, Leaf] = {}

    def copy(self) -> "LayerUnion":
        """Return a union to which other layers can be applied than to this one."""
        duplicate = copy(self)
        duplicate._directories = self._directories.copy()
        duplicate._further_links = self._further_links.copy()
        duplicate._wasted_files = self._wasted_files.copy()
        duplicate._hidden_files = {}  # none are left after a layer
        return duplicate

    def apply_layer(self, entries: Sequence[Entry]) -> None:
        """Apply one more layer on top."""
        self._layer_index += 1
        self._directories.layer = self._layer_index
        for folder, name in resolve_whiteouts(entries):
            self._apply_whiteout(folder, name)
        self._add_entries(entries)
        for path, leaf in self._hidden_files.items():
            self._record_waste(path, leaf, WasteCause.REMOVED)
        self._hidden_files.clear()

    def build_filesystem(self) -> FileSystem:
        """Return the file system of all applied layers; no other layer can be applied then."""
        wasted_bytes = [0] * (self._layer_index + 1)
        for waste in self._wasted_files:
            wasted_bytes[waste.shipping_layer] += waste.size
        directories = list_directories(self._directories.root)
        tree, layer_by_path = collect_files(self._directories.release(), self._further_links)
        return FileSystem(
            filesystem_bytes=self._visible_bytes,
            file_count=self._file_count,
            tree=tree,
            layer_by_path=layer_by_path,
            directories=directories,
            wasted_files=tuple(self._wasted_files),
            wasted_bytes=tuple(wasted_bytes),
        )

    def _apply_whiteout(self, parent: str, name: str) -> None:
        directory = self._directories.get_or_create(parent, self._remove_node)
        for hidden in list(directory) if name == OPAQUE_WHITEOUT else [name]:
            self._remove_node(parent, directory, hidden)

    def _add_entries(self, entries: Sequence[Entry]) -> None:
        """Add the entries of a layer but whiteouts; mostly, those of a directory are adjacent."""
        current_parent, directory, layer = "", self._directories.root, self._layer_index
        for entry in entries:
            parent, _, name = entry.path.rpartition("/")
            if not name or name.startswith(WHITEOUT_PREFIX):
                continue
            if parent != current_parent or directory.is_removed:
                current_parent, directory = (
                    parent,
                    self._directories.get_or_create(parent, self._remove_node),
                )
            # The common case without a call: a new file that replaces nothing.
            if entry.kind is EntryKind.FILE and name not in directory and not self._hidden_files:
                directory[name] = Leaf(entry, layer)
                self._visible_bytes += entry.size
                self._file_count += 1
            else:
                self._add_entry(entry, directory, name)

    def _add_entry(self, entry: Entry, directory: Directory, name: str) -> None:
        parent = entry.path.rpartition("/")[0]
        node = directory.get(name)
        if entry.kind is EntryKind.DIRECTORY:
            if not isinstance(node, Directory):
                self._remove_node(parent, directory, name)
                node = directory[name] = self._directories.create(len(entry.path))
            node.entry, node.layer = entry, self._layer_index
            return
        if node is not None:
            self._remove_node(parent, directory, name)
        leaf: Leaf | None = None
        if entry.kind is EntryKind.HARDLINK:
            leaf = self._find_link_target(entry.link)
            # To look for a target below the link itself has made a directory in its place.
            self._remove_node(parent, directory, name)
            if leaf:
                self._further_links[leaf] = self._further_links.get(leaf, 0) + 1
        elif entry.kind is EntryKind.FILE:
            self._visible_bytes += entry.size
            self._file_count += 1
            self._record_replacement(entry)
        directory[name] = leaf or Leaf(entry, self._layer_index)

    def _record_replacement(self, entry: Entry) -> None:
        """Record that this layer replaced a file, with another content or the same."""
        hidden = self._hidden_files.pop(entry.path, None)
        if hidden is not None:
            old = hidden.entry
            is_same = (old.size, old.content_hash) == (entry.size, entry.content_hash)
            reason = WasteCause.COPIED if is_same else WasteCause.OVERWRITTEN
            self._record_waste(entry.path, hidden, reason)

    def _remove_node(self, parent: str, directory: Directory, name: str) -> None:
        node = directory.pop(name, None)
        if node is None:
            return
        path = f"{parent}/{name}" if parent else name
        leaves = remove_leaves(node, path) if isinstance(node, Directory) else [(path, node)]
        for leaf_path, leaf in leaves:
            further_links = self._further_links.pop(leaf, 0)
            if further_links > 1:
                self._further_links[leaf] = further_links - 1
            elif not further_links and leaf.entry.kind is EntryKind.FILE:
                self._hide_file(leaf_path, leaf)

    def _hide_file(self, path: str, leaf: Leaf) -> None:
        """Remove a file after its last hard link."""
        self._visible_bytes -= leaf.entry.size
        self._file_count -= 1
        if path in self._hidden_files:
            self._record_waste(path, self._hidden_files.pop(path), WasteCause.OVERWRITTEN)
        self._hidden_files[path] = leaf

    def _record_waste(self, path: str, leaf: Leaf, reason: WasteCause) -> None:
        self._wasted_files.append(
            WastedFile(path, leaf.entry.size, leaf.layer, self._layer_index, reason)
        )

    def _find_link_target(self, link: str) -> Leaf | None:
        """Return the file that a hard link names; None if it is missing."""
        parent, _, name = link.rpartition("/")
        node = self._directories.get_or_create(parent, self._remove_node).get(name)
        return node if isinstance(node, Leaf) else None
