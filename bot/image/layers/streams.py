"""Streams that are read once, from front to back: counted, digested, sniffed, decompressed."""

import bz2
import hashlib
import io
import lzma
import sys
import tarfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, BinaryIO, Protocol, cast

from isal import igzip, isal_zlib

from bot.image.layers.chunks import ChunkReader

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CHUNK_BYTES = 256 << 10
_MIN_THREADED_BYTES = 64 << 10  # bytes from which on it pays to have another thread digest them
_MAX_PENDING_DIGESTS = 4
_MAX_READ_AHEAD_CHUNKS = 4
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_XZ_MAGIC = b"\xfd7zXZ\0"
_BZIP2_MAGIC = b"BZh"

# Bounds for bombs: gzip packs at most 1,032 times, zstd and xz far more.
_MAX_EXPANDED_BYTES = 8 << 30
_MAX_EXPANSION_RATIO = 200

# What the decompressors raise on bytes that are not theirs, or that end too early.
DECODE_ERRORS: tuple[type[Exception], ...] = (
    cast(type[Exception], isal_zlib.error),
    zstd.ZstdError,
    lzma.LZMAError,
    EOFError,
)


class Unreadable(ValueError):
    """Bytes that are not what they claim to be; the message is the reason for a reader."""


class SizeEstimator(Protocol):
    """Something that watches the bytes of a stream go by and estimates from them."""

    def feed(self, data: bytes) -> None:
        """The next bytes."""
        ...

    def estimate_size(self) -> int:
        """The estimate, in bytes, once everything was fed."""
        ...


class DigestingReader(io.RawIOBase):
    """A stream that digests and counts what is read through it.

    Digests are made behind its reader's back, in a thread of its own: they take as long as all the rest.
    """

    def __init__(
        self, source: BinaryIO, estimator: SizeEstimator | None = None, algorithm: str = "sha256"
    ) -> None:
        """`source` need only have `read`; without an `algorithm` nothing is digested."""
        self._source, self._estimator = source, estimator
        self._hash = hashlib.new(algorithm) if algorithm else None
        self._executor = ThreadPoolExecutor(1)
        self._pending_digests: deque[Future[None]] = deque()
        self.size = 0

    def readable(self) -> bool:
        """It is, always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes of the source."""
        data = self._source.read(size)
        if self._hash and len(data) >= _MIN_THREADED_BYTES:
            self._pending_digests.append(self._executor.submit(self._hash.update, data))
        elif self._hash:
            self._wait_for_digests(0)
            self._hash.update(data)
        self._wait_for_digests(_MAX_PENDING_DIGESTS)
        self.size += len(data)
        if self._estimator:
            self._estimator.feed(data)
        return data

    def readinto(self, buffer: Any) -> int:
        """As `read`, into a buffer."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def drain(self) -> None:
        """Reads what is left, so that digest and size are those of the whole."""
        while self.read(CHUNK_BYTES):
            pass

    def _wait_for_digests(self, max_pending: int) -> None:
        """Waits until no more than so many pieces are still to be digested."""
        while len(self._pending_digests) > max_pending:
            self._pending_digests.popleft().result()

    def close(self) -> None:
        """Its source stays open."""
        self._executor.shutdown()
        super().close()

    @property
    def digest(self) -> str:
        """The digest of what was read, as image manifests write it; empty if there is none."""
        self._wait_for_digests(0)
        return f"{self._hash.name}:{self._hash.hexdigest()}" if self._hash else ""


@contextmanager
def read_ahead(source: BinaryIO) -> Iterator[BinaryIO]:
    """A stream that is read ahead of its reader, in a thread: decompressors leave the interpreter to
    whoever else wants it. What goes wrong there is raised here, when its turn comes."""
    with ThreadPoolExecutor(1) as thread:
        coming = deque(
            thread.submit(source.read, CHUNK_BYTES) for _ in range(_MAX_READ_AHEAD_CHUNKS)
        )

        def pieces() -> Iterator[bytes]:
            while piece := coming.popleft().result():
                coming.append(thread.submit(source.read, CHUNK_BYTES))
                yield piece

        try:
            yield cast(BinaryIO, ChunkReader(pieces()))
        finally:
            thread.shutdown(cancel_futures=True)


def clear_members(tar: tarfile.TarFile) -> None:
    """Lets go of the members read so far: tarfile keeps them for a random access that never comes."""
    tar.members = []  # type: ignore[attr-defined]


def peek(stream: BinaryIO, size: int) -> bytes:
    """The next bytes of a buffered stream, which stay to be read."""
    return cast(io.BufferedReader, stream).peek(size)[:size]


def is_compressed(head: bytes) -> bool:
    """Whether bytes begin as gzip, zstd, xz or bzip2 do."""
    return head.startswith((_GZIP_MAGIC, _ZSTD_MAGIC, _XZ_MAGIC, _BZIP2_MAGIC))


def decompress_stream(stream: BinaryIO, *, max_bytes: int = _MAX_EXPANDED_BYTES) -> BinaryIO:
    """A buffered stream without its compression, which is told by its first bytes.

    What it gives is Unreadable beyond `limit` bytes, once these are more than 200 times what they were
    made of: a bomb, where no real layer that large compresses so well.
    """
    head = peek(stream, 8)
    if not is_compressed(head):
        return stream
    counted = _CountingReader(stream)
    source = cast(BinaryIO, io.BufferedReader(counted, CHUNK_BYTES))
    return cast(
        BinaryIO,
        io.BufferedReader(
            _ExpansionGuard(_open_decompressor(source, head), counted, max_bytes), CHUNK_BYTES
        ),
    )


def _open_decompressor(stream: BinaryIO, head: bytes) -> BinaryIO:
    if head.startswith(_GZIP_MAGIC):
        return cast(BinaryIO, igzip.IGzipFile(fileobj=stream, mode="rb"))  # type: ignore[no-untyped-call]
    if head.startswith(_ZSTD_MAGIC):
        return cast(BinaryIO, zstd.ZstdFile(stream))
    if head.startswith(_XZ_MAGIC):
        return cast(BinaryIO, lzma.LZMAFile(stream))
    return cast(BinaryIO, bz2.BZ2File(stream))


class _CountingReader(io.RawIOBase):
    """A stream that counts what is read of it."""

    def __init__(self, source: BinaryIO) -> None:
        self._source, self.size = source, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = cast(io.BufferedReader, self._source).readinto(buffer)
        self.size += count
        return count


class _ExpansionGuard(io.RawIOBase):
    """What a decompressor gives, as long as it is in proportion."""

    def __init__(self, source: BinaryIO, compressed: _CountingReader, max_bytes: int) -> None:
        self._source, self._compressed, self._max_bytes, self._size = (
            source,
            compressed,
            max_bytes,
            0,
        )

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = cast(io.BufferedReader, self._source).readinto(buffer)
        self._size += count
        if (
            self._size > self._max_bytes
            and self._size > _MAX_EXPANSION_RATIO * self._compressed.size
        ):
            raise Unreadable(
                f"{self._compressed.size:,} compressed bytes have grown to {self._size:,} and go on: "
                "this is no layer, but a bomb"
            )
        return count
