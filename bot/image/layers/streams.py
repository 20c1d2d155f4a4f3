"""Streams that are read once, from front to back: counted, digested, sniffed, decompressed."""

import bz2
import hashlib
import io
import lzma
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, cast

from isal import igzip, isal_zlib

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd
if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

CHUNK_BYTES = 512 << 10
_MIN_THREADED_BYTES = 64 << 10  # from here on handing a chunk to a thread pays off
_MAX_PENDING_DIGESTS = 4  # chunks: 2 MiB of memory
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


# What reading a document of another structure raises.
STRUCTURE_ERRORS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


class Unreadable(ValueError):
    """Bytes that are not what they claim to be; the message is the reason, for the user."""


class SizeEstimator(Protocol):
    """An estimator that is fed the bytes of a stream."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        ...

    def estimate_size(self) -> tuple[int, float]:
        """Return the estimate in bytes once everything was fed, and its possible error."""
        ...


class ChunkReader(io.RawIOBase):
    """An iterator of chunks of bytes, read as a file; each is read to its end before the next."""

    def __init__(self, chunks: Iterator[bytes | memoryview]) -> None:
        self._chunks, self._remaining = chunks, memoryview(b"")

    def readable(self) -> bool:
        """Return True, as `io.BufferedReader` requires."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read at most the rest of one chunk into a buffer; return the number of bytes."""
        while not self._remaining:
            try:
                self._remaining = memoryview(next(self._chunks))
            except StopIteration:
                return 0
        size = min(len(buffer), len(self._remaining))
        buffer[:size], self._remaining = self._remaining[:size], self._remaining[size:]
        return size


class DigestingReader(io.RawIOBase):
    """A stream that digests and counts what is read through it.

    A thread of its own computes the digest, which takes as long as all other work on a layer.
    """

    def __init__(
        self, source: BinaryIO, estimator: SizeEstimator | None = None, algorithm: str = "sha256"
    ) -> None:
        """Wrap a source that has `read`; an empty `algorithm` computes no digest."""
        self._source, self._estimator = source, estimator
        self._hash = hashlib.new(algorithm) if algorithm else None
        self._executor: ThreadPoolExecutor | None = None
        self._pending_digests: deque[Future[None]] = deque()
        self.size = 0

    def readable(self) -> bool:
        """Return True, as `io.BufferedReader` requires."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes of the source."""
        data = self._source.read(size)
        if self._hash and len(data) >= _MIN_THREADED_BYTES:
            self._executor = self._executor or _start_thread()
            self._pending_digests.append(self._executor.submit(self._hash.update, data))
        elif self._hash:
            # A hash is of the bytes in their order, so a small chunk waits for the large ones
            # before it.
            self._wait_for_digests(0)
            self._hash.update(data)
        self._wait_for_digests(_MAX_PENDING_DIGESTS)
        self.size += len(data)
        if self._estimator:
            self._estimator.feed(data)
        return data

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer and return the number of bytes."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def drain(self) -> None:
        """Read the rest, so that digest and size are those of the whole source."""
        while self.read(CHUNK_BYTES):
            pass

    def _wait_for_digests(self, max_pending: int) -> None:
        """Wait until at most `max_pending` chunks are still to be digested."""
        while len(self._pending_digests) > max_pending:
            self._pending_digests.popleft().result()

    def close(self) -> None:
        """Stop the thread; the source stays open."""
        if self._executor:
            self._executor.shutdown()
        super().close()

    @property
    def digest(self) -> str:
        """Return the digest of what was read, as in `sha256:...`; empty without algorithm."""
        self._wait_for_digests(0)
        return f"{self._hash.name}:{self._hash.hexdigest()}" if self._hash else ""


def _start_thread() -> "ThreadPoolExecutor":
    """Return an executor with one thread; the import takes as long as reading a small layer."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(1)


@contextmanager
def read_ahead(source: BinaryIO) -> Iterator[BinaryIO]:
    """Read a stream ahead in a thread while the caller works on what was read before.

    Decompressors release the GIL, so both run at once. Errors of the thread are raised in the
    caller, at the chunk where they happened.
    """
    with _start_thread() as executor:
        # One thread, so the reads keep their order; those beyond the end return nothing.
        reads = deque(
            executor.submit(source.read, CHUNK_BYTES) for _ in range(_MAX_READ_AHEAD_CHUNKS)
        )

        def read_chunks() -> Iterator[bytes]:
            while chunk := reads.popleft().result():
                reads.append(executor.submit(source.read, CHUNK_BYTES))
                yield chunk

        try:
            yield cast(BinaryIO, ChunkReader(read_chunks()))
        finally:
            # A caller that stops early must not wait for chunks that nobody reads.
            executor.shutdown(cancel_futures=True)


def peek(stream: BinaryIO, size: int) -> bytes:
    """Return the next bytes of a buffered stream without consuming them."""
    return cast(io.BufferedReader, stream).peek(size)[:size]


def is_compressed(head: bytes) -> bool:
    """Return True if bytes begin like gzip, zstd, xz or bzip2."""
    return head.startswith((_GZIP_MAGIC, _ZSTD_MAGIC, _XZ_MAGIC, _BZIP2_MAGIC))


def decompress_stream(stream: BinaryIO, *, max_bytes: int = _MAX_EXPANDED_BYTES) -> BinaryIO:
    """Return a buffered stream without its compression, which its first bytes identify.

    Reading raises Unreadable beyond `max_bytes` bytes once these are more than 200 times what they
    were decompressed from: that is a bomb, since no real layer of this size compresses so well.
    """
    head = peek(stream, 8)
    if not is_compressed(head):
        return stream
    counted = _CountingReader(stream)
    source = cast(BinaryIO, io.BufferedReader(counted, CHUNK_BYTES))
    guard = _ExpansionGuard(_open_decompressor(source, head), counted, max_bytes)
    return cast(BinaryIO, io.BufferedReader(guard, CHUNK_BYTES))


def _open_decompressor(stream: BinaryIO, head: bytes) -> BinaryIO:
    # igzip decompresses several times faster than zlib, and releases the GIL.
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
    """The output of a decompressor, as long as its size is in proportion to the input."""

    def __init__(self, source: BinaryIO, compressed: _CountingReader, max_bytes: int) -> None:
        self._source, self._compressed = source, compressed
        self._max_bytes, self._size = max_bytes, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = cast(io.BufferedReader, self._source).readinto(buffer)
        self._size += count
        is_large = self._size > self._max_bytes
        if is_large and self._size > _MAX_EXPANSION_RATIO * self._compressed.size:
            raise Unreadable(
                f"{self._compressed.size:,} compressed bytes unpack to {self._size:,} "
                "and more: this looks like a decompression bomb"
            )
        return count
