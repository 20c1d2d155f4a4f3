"""The differences between two images, and the waste in one, grouped for a report.

Layers are named by their index in the image; paths and directories have a leading slash.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.model.files import WasteCause


class LayerEffectKind(StrEnum):
    """An effect of a layer on the bytes of lower layers, or of a `FROM` on its own."""

    DRIFTED = "drifted"  # the same FROM, but the base image behind it was rebuilt
    COPIED = "copied"  # adds files of a lower layer again, with the same content
    OVERWRITTEN = "overwritten"  # replaces their content
    REMOVED = "removed"  # hides them; they stay in the image
    MOVED = "moved"  # adds them again, under another path


@dataclass(frozen=True, slots=True)
class LayerEffect:
    """An effect of one cause of growth; `affected_layer` is an index of the head's layers."""

    kind: LayerEffectKind
    affected_layer: int | None = None
    files: int = 0
    bytes: int = 0


class LayerChangeKind(StrEnum):
    """The change of a layer from base to head."""

    SAME = "same"
    REBUILT = "rebuilt"  # another layer with the same content
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    BASE_IMAGE = "base-image"


@dataclass(frozen=True, slots=True)
class LayerMatch:
    """A layer and its counterpart; None for the side that has none."""

    kind: LayerChangeKind
    base_index: int | None
    head_index: int | None


class FileChangeKind(StrEnum):
    """The change of a file in the filesystem that a container sees."""

    ADDED = "added"
    REMOVED = "removed"
    GROWN = "grown"
    SHRUNK = "shrunk"
    UNLINKED = "unlinked"  # was a hard link and now has bytes of its own: a layer copied it
    LINKED = "linked"  # is a hard link and had bytes of its own
    REWRITTEN = "rewritten"  # new content of the same size
    MOVED = "moved"
    PERMISSIONS = "permissions"  # only mode or owner

    @property
    def sign(self) -> int:
        """The direction in which its bytes move the size of the filesystem: 1, 0 or -1."""
        if self in (FileChangeKind.ADDED, FileChangeKind.GROWN, FileChangeKind.UNLINKED):
            return 1
        if self in (FileChangeKind.REMOVED, FileChangeKind.SHRUNK, FileChangeKind.LINKED):
            return -1
        return 0


@dataclass(frozen=True, slots=True)
class FileGroup:
    """Files with the same kind of change: `path` is the file, or the directory of all of them.

    `bytes` is the amount added or removed, or their size if that stays. `source` is the former path
    of moved files.
    """

    kind: FileChangeKind
    path: str
    files: int
    bytes: int
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """A number of files and of bytes."""

    files: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class FileChanges:
    """The files that differ between two images, counted by kind, and the largest groups."""

    tallies: Mapping[FileChangeKind, Tally]
    largest: tuple[FileGroup, ...]


@dataclass(frozen=True, slots=True)
class WasteGroup:
    """Files that one layer ships and a later one hides."""

    shipping_layer: int
    hiding_layer: int
    cause: WasteCause
    path: str
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Files that an image has in several copies; `size` is the size of one set of them.

    `paths` are some of the copies: the paths of one file, or the directories of several.
    """

    files: int
    size: int
    copies: int
    paths: tuple[str, ...]
    layers: tuple[int, ...]

    @property
    def bytes(self) -> int:
        """The size of all copies but one."""
        return self.size * (self.copies - 1)


@dataclass(frozen=True, slots=True)
class Duplicates:
    """The contents that are in an image more than once: number, bytes, and the largest groups."""

    contents: int
    bytes: int
    largest: tuple[DuplicateGroup, ...]
