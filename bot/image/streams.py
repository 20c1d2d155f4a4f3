"""Streams that are read once, from front to back: counted, digested, sniffed, decompressed."""

import bz2
import hashlib
import io
import lzma
import sys
import tarfile
from typing import Any, BinaryIO, Protocol, cast

from isal import igzip, isal_zlib

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_XZ = b"\xfd7zXZ\0"
_BZIP2 = b"BZh"

# What the decompressors raise on bytes that are not theirs, or that end too early.
UNDECODABLE: tuple[type[Exception], ...] = (
    cast(type[Exception], isal_zlib.error),
    zstd.ZstdError,
    lzma.LZMAError,
    EOFError,
)


class Unreadable(ValueError):
    """Bytes that are not what they claim to be; the message is the reason for a reader."""


class Gauge(Protocol):
    """Something that watches the bytes of a stream go by and estimates from them."""

    def feed(self, data: bytes) -> None:
        """The next bytes."""
        ...

    def total(self) -> int:
        """The estimate, in bytes, once everything was fed."""
        ...


class Tap(io.RawIOBase):
    """A stream that digests and counts what is read through it."""

    def __init__(
        self, source: BinaryIO, gauge: Gauge | None = None, algorithm: str = "sha256"
    ) -> None:
        """`source` need only have `read`."""
        self._source, self._gauge, self._digest = source, gauge, hashlib.new(algorithm)
        self.size = 0

    def readable(self) -> bool:
        """It is, always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes of the source."""
        data = self._source.read(size)
        self._digest.update(data)
        self.size += len(data)
        if self._gauge:
            self._gauge.feed(data)
        return data

    def readinto(self, buffer: Any) -> int:
        """As `read`, into a buffer."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def drain(self) -> None:
        """Reads what is left, so that digest and size are those of the whole."""
        while self.read(CHUNK):
            pass

    @property
    def digest(self) -> str:
        """The digest of what was read, as image manifests write it."""
        return f"{self._digest.name}:{self._digest.hexdigest()}"


def forget_members(tar: tarfile.TarFile) -> None:
    """Lets go of the members read so far: tarfile keeps them for a random access that never comes."""
    tar.members = []  # type: ignore[attr-defined]


def peek(stream: BinaryIO, size: int) -> bytes:
    """The next bytes of a buffered stream, which stay to be read."""
    return cast(io.BufferedReader, stream).peek(size)[:size]


def is_compressed(head: bytes) -> bool:
    """Whether bytes begin as gzip, zstd, xz or bzip2 do."""
    return head.startswith((_GZIP, _ZSTD, _XZ, _BZIP2))


def decompressed(stream: BinaryIO) -> BinaryIO:
    """A buffered stream without its compression, which is told by its first bytes."""
    head = peek(stream, 8)
    if head.startswith(_GZIP):
        return cast(BinaryIO, igzip.IGzipFile(fileobj=stream, mode="rb"))  # type: ignore[no-untyped-call]
    if head.startswith(_ZSTD):
        return cast(BinaryIO, zstd.ZstdFile(stream))
    if head.startswith(_XZ):
        return cast(BinaryIO, lzma.LZMAFile(stream))
    if head.startswith(_BZIP2):
        return cast(BinaryIO, bz2.BZ2File(stream))
    return stream
