"""What comparing two images, or looking into one, brings to light, added up for a reader.

Layers are named by their index in the image; paths and directories have a leading slash.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.model.files import WasteCause


class LayerEffectKind(StrEnum):
    """What a cause of growth does besides."""

    DRIFTED = "drifted"  # the same FROM, but what it names was built anew
    COPIED = "copied"  # ships bytes of a lower layer once more, with the same content
    OVERWRITTEN = "overwritten"  # puts other content in their place
    REMOVED = "removed"  # hides them; they are shipped all the same
    MOVED = "moved"  # ships them a second time, under another path


@dataclass(frozen=True, slots=True)
class LayerEffect:
    """A remark on a row of the attribution; `layer` is the head's whose bytes it speaks of."""

    kind: LayerEffectKind
    affected_layer: int | None = None
    files: int = 0
    bytes: int = 0


class LayerChangeKind(StrEnum):
    """What became of a layer."""

    SAME = "same"
    REBUILT = "rebuilt"  # another layer with the same content
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    BASE_IMAGE = "base-image"


@dataclass(frozen=True, slots=True)
class LayerMatch:
    """A layer and its counterpart; None where there is none."""

    kind: LayerChangeKind
    base_index: int | None
    head_index: int | None


class FileChangeKind(StrEnum):
    """What became of a file that a container sees."""

    ADDED = "added"
    REMOVED = "removed"
    GROWN = "grown"
    SHRUNK = "shrunk"
    UNLINKED = "unlinked"  # a name of its own bytes that was a hard link: a layer copied it apart
    LINKED = "linked"  # a hard link that had bytes of its own
    REWRITTEN = "rewritten"  # other content of the same size
    MOVED = "moved"
    PERMISSIONS = "permissions"  # only mode or owner

    @property
    def sign(self) -> int:
        """Which way its bytes move the size of the file system."""
        more, less = ("added", "grown", "unlinked"), ("removed", "shrunk", "linked")
        return (self.value in more) - (self.value in less)


@dataclass(frozen=True, slots=True)
class FileGroup:
    """Files of one fate: `path` is the file, or the directory that holds them all.

    `bytes` is what they came or went by, their size where that stays; moved files come from `source`.
    """

    kind: FileChangeKind
    path: str
    files: int
    bytes: int
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many files, and their bytes."""

    files: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class FileChanges:
    """All that differs between the files of two images by class, and the largest of it."""

    tallies: Mapping[FileChangeKind, Tally]
    largest: tuple[FileGroup, ...]


@dataclass(frozen=True, slots=True)
class WasteGroup:
    """Files that the layer `written` ships and the layer `hidden` hides."""

    shipping_layer: int
    hiding_layer: int
    cause: WasteCause
    path: str
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Files that are there several times over: `size` is what one set of them weighs.

    `paths` are some of the places: of one file its paths, of several the directories.
    """

    files: int
    size: int
    copies: int
    paths: tuple[str, ...]
    layers: tuple[int, ...]

    @property
    def bytes(self) -> int:
        """What is shipped more than once: all copies but one."""
        return self.size * (self.copies - 1)


@dataclass(frozen=True, slots=True)
class Duplicates:
    """How many contents are shipped more than once, what that weighs, and the largest of it."""

    contents: int
    bytes: int
    largest: tuple[DuplicateGroup, ...]
