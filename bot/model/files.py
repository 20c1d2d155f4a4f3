"""The entries of a layer's tar, and the files that later layers hide.

Named tuples, not dataclasses: an image has a hundred thousand of them.
"""

from enum import StrEnum
from typing import NamedTuple

WHITEOUT_PREFIX = ".wh."
OPAQUE_WHITEOUT = ".wh..wh..opq"


class EntryKind(StrEnum):
    """The type of a tar entry."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    HARDLINK = "hardlink"
    OTHER = "other"


class HashAlgorithm(StrEnum):
    """The hash by which the contents of an image's files are compared.

    Neither XXH3 nor CRC-64 withstands a contrived collision, and no size depends on them. Hashes of
    different algorithms are never compared.
    """

    XXH3 = "xxh3"  # 128 bits, of the bytes themselves
    CRC64 = "crc64"  # from the engine's tar-split index, without reading the bytes
    SHA256 = "sha256"  # in reports of older versions


class Entry(NamedTuple):
    """A member of a layer's tar.

    `path` is relative to the root of the image. `size` is in bytes, 0 for anything but a regular
    file. `link` is the target of a link, or `major:minor` of a device. `content_hash` is empty for
    an empty file and for anything but a regular file.
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
    """Return True if a path marks a deletion (OCI image layer specification, "Whiteouts")."""
    return path.rpartition("/")[2].startswith(WHITEOUT_PREFIX)


class WasteCause(StrEnum):
    """The way in which a later layer hides a file."""

    REMOVED = "removed"
    OVERWRITTEN = "overwritten"
    COPIED = "copied"  # the same bytes again: only mode, owner or nothing at all was changed


class WastedFile(NamedTuple):
    """A file that one layer ships and a later one hides, both as layer indexes."""

    path: str
    size: int
    shipping_layer: int
    hiding_layer: int
    cause: WasteCause


# The kind of an owner that is a folder: its files are of no package.
DIRECTORY_KIND = "directory"


class OwnerKey(NamedTuple):
    """A package or, with a leading slash, a directory that files are attributed to."""

    kind: str
    name: str
    version: str | None = None
