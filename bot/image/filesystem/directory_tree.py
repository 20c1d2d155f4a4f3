"""The directories of a union of layers by path, with the links that a path goes through.

Bounded, since a hostile layer could create many directories, or such with long paths, by a few
entries.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field

from bot.image.filesystem.directory_nodes import Directory, Leaf, copy_directories
from bot.image.layers.streams import Unreadable
from bot.model.files import EntryKind

_MAX_LINKS = 40  # as many as the kernel follows before it says ELOOP
# As many as a layer may have entries (MAX_ENTRIES of tar_scanner.py).
_MAX_DIRECTORIES = 1_500_000
_MAX_WALKED_SEGMENTS = 50_000_000  # of links among the parents of entries
_MAX_TOTAL_PATH_LENGTH = 300_000_000  # of all directories; what comes later keeps their paths

# Handed to each call: kept in the tree, it would be a reference from the union to itself.
RemoveNode = Callable[[str, Directory, str], None]


@dataclass(slots=True)
class _Walk:
    """The way to a directory: what is still to be entered, the next last, and where it is now."""

    segments: list[str]
    current: Directory
    parents: list[tuple[str, Directory]] = field(default_factory=list)
    path_length: int = 0
    followed_links: int = 0

    @property
    def path(self) -> str:
        """Return the path of the current directory."""
        return "/".join(name for name, _ in self.parents)

    def enter(self, name: str, directory: Directory) -> None:
        """Go down into a directory."""
        self.parents.append((name, self.current))
        self.current = directory
        self.path_length += len(name) + 1

    def leave(self, root: Directory) -> None:
        """Go up by one, which at the root leads nowhere."""
        name, self.current = self.parents.pop() if self.parents else ("", root)
        self.path_length -= len(name) + bool(name)

    def follow(self, target: list[str], root: Directory | None) -> None:
        """Go on at the target of a link, which begins at the root if there is one."""
        self.followed_links += 1
        if root is not None:
            self.current, self.parents, self.path_length = root, [], 0
        self.segments.extend(target)


class DirectoryTree:
    """The directories from the root on; `layer` is the layer that is being applied."""

    def __init__(self) -> None:
        self.root, self.layer = Directory(), -1
        self._by_path: dict[str, Directory] = {"": self.root}
        self._count = self._total_path_length = self._walked_segments = 0

    def copy(self) -> "DirectoryTree":
        """Return a tree that goes on from here, and leaves this one as it is."""
        duplicate = copy(self)
        copies = copy_directories(self.root)
        duplicate.root = copies[id(self.root)]
        duplicate._by_path = {
            path: copies[id(directory)]
            for path, directory in self._by_path.items()
            if not directory.is_removed
        }
        return duplicate

    def release(self) -> Directory:
        """Return the root, which alone keeps the other directories from then on."""
        self._by_path = {"": self.root}
        return self.root

    def get_or_create(self, path: str, remove_node: RemoveNode) -> Directory:
        """Return the directory of a path.

        Missing parents are created, and files or links of lower layers give way to directories:
        `remove_node` gets the path and the directory that they are in, and their names.
        """
        directory = self._by_path.get(path)
        if directory is not None and not directory.is_removed:
            return directory
        walk = _Walk(path.split("/")[::-1], self.root)
        while walk.segments:
            self._step(walk, walk.segments.pop(), remove_node)
        # A path through a link of this layer means another directory to the layers above.
        if not walk.followed_links:
            self._by_path[path] = walk.current
        return walk.current

    def create(self, path_length: int) -> Directory:
        """Return a new directory, which has a path of this length."""
        self._count += 1
        self._total_path_length += path_length
        if self._count > _MAX_DIRECTORIES:
            raise Unreadable(f"the layers hold more than {_MAX_DIRECTORIES:,} directories")
        if self._total_path_length > _MAX_TOTAL_PATH_LENGTH:
            reason = "the paths of the layers' directories have more than"
            raise Unreadable(f"{reason} {_MAX_TOTAL_PATH_LENGTH:,} characters together")
        return Directory()

    def _step(self, walk: _Walk, segment: str, remove_node: RemoveNode) -> None:
        if segment in ("", "."):
            return
        if segment == "..":
            walk.leave(self.root)
            return
        node = walk.current.get(segment)
        if isinstance(node, Leaf) and self._is_followed(node, walk):
            target = node.entry.link
            walk.follow(self._split_link(target), self.root if target.startswith("/") else None)
            return
        if not isinstance(node, Directory):
            if node is not None:
                remove_node(walk.path, walk.current, segment)
            node = walk.current[segment] = self.create(walk.path_length + len(segment) + 1)
        walk.enter(segment, node)

    def _is_followed(self, leaf: Leaf, walk: _Walk) -> bool:
        is_of_this_layer = leaf.entry.kind is EntryKind.SYMLINK and leaf.layer == self.layer
        return is_of_this_layer and walk.followed_links < _MAX_LINKS

    def _split_link(self, target: str) -> list[str]:
        """Return the segments of a link's target, the last first; count them all together."""
        segments = target.split("/")[::-1]
        self._walked_segments += len(segments)
        if self._walked_segments > _MAX_WALKED_SEGMENTS:
            raise Unreadable("the links among the layers' directories take too long to follow")
        return segments
