"""What a layer's tar holds, entry by entry, and what became of it further up.

Named tuples, not dataclasses: an image has a hundred thousand of them.
"""

from enum import StrEnum
from typing import NamedTuple

WHITEOUT_PREFIX = ".wh."
OPAQUE_WHITEOUT = ".wh..wh..opq"


class EntryKind(StrEnum):
    """What a tar entry stands for."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    HARDLINK = "hardlink"
    OTHER = "other"


class HashAlgorithm(StrEnum):
    """What the contents of an image's files are told apart by.

    An XXH3 of 128 bits where the bytes were read; a CRC-64 where only the engine's own index of them
    was. Both tell accidental twins apart but not contrived ones, and no size rests on them. Reports of
    old have a SHA-256. The ones are never compared with the others.
    """

    XXH3 = "xxh3"
    CRC64 = "crc64"
    SHA256 = "sha256"


class Entry(NamedTuple):
    """A member of a layer's tar.

    `path` is relative to the root of the image; `size` in bytes, 0 for whatever is no regular file;
    `link` is a link's target, or a device's `major:minor`; `content` is the identity of a file's
    bytes as text, empty for an empty file and for what is none.
    """

    path: str
    kind: EntryKind
    size: int
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    link: str = ""
    content_hash: str = ""


def is_whiteout(path: str) -> bool:
    """Whether a path marks a deletion instead of standing for a file."""
    return path.rpartition("/")[2].startswith(WHITEOUT_PREFIX)


class WasteCause(StrEnum):
    """How a file's bytes came to be shipped and never seen."""

    REMOVED = "removed"
    OVERWRITTEN = "overwritten"
    COPIED = "copied"  # the same bytes once more: only mode, owner or nothing at all was changed


class WastedFile(NamedTuple):
    """A file that a layer ships and no container sees; `written` and `hidden` are layer indexes."""

    path: str
    size: int
    shipping_layer: int
    hiding_layer: int
    cause: WasteCause


class OwnerKey(NamedTuple):
    """Whose bytes they are: a package, or the directory (with its leading slash) that holds them."""

    kind: str
    name: str
    version: str | None = None
