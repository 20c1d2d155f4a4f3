"""The blob of a layer: plain or compressed, its digest checked, its tar scanned."""

import io
from dataclasses import dataclass, replace
from typing import BinaryIO, Self, cast

from bot.image.layers.gzip_estimate import GzipSizeEstimator
from bot.image.layers.layer_index import LayerIndex
from bot.image.layers.streams import (
    CHUNK_BYTES,
    DECODE_ERRORS,
    DigestingReader,
    Unreadable,
    decompress_stream,
    is_compressed,
    peek,
)
from bot.image.layers.tar_scanner import scan_layer

_SHA256 = "sha256"


@dataclass(frozen=True, slots=True)
class Blob:
    """A layer's blob and the index of its content.

    `size` is what a registry stores for it, in bytes: exact where `size_error` is 0, else an
    estimate that may be off by that share.
    """

    digest: str
    size: int
    size_error: float
    layer: LayerIndex

    @property
    def is_exact(self) -> bool:
        """Return True if the size is that of the blob in a registry."""
        return not self.size_error

    @classmethod
    def from_estimate(cls, layer: LayerIndex) -> Self:
        """Create the blob of a layer of which no compressed bytes are available."""
        return cls(layer.diff_id, layer.gzip_bytes, layer.gzip_error, layer)


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """The bytes of a blob before they are read, as a buffered stream with its size and digest.

    The digest is empty where it is unknown. `is_registry_blob` is True for bytes as a registry
    stores them, and False where a plain blob would be compressed by a push. `verified_diff_id` is
    the diff ID that an engine computed when it unpacked this very blob. `trusted_diff_id` is the
    one that the image states, for a file that the user trusts: then no digest is computed at all.
    """

    stream: BinaryIO
    size: int
    digest: str = ""
    is_registry_blob: bool = False
    verified_diff_id: str = ""
    trusted_diff_id: str = ""

    @property
    def is_exact(self) -> bool:
        """Return True if the size is that of the blob in a registry."""
        return self.is_registry_blob or is_compressed(peek(self.stream, 8))

    @property
    def is_plain(self) -> bool:
        """Return True if it is known that the bytes are those of the tar."""
        return not self.is_exact

    def with_layer(self, layer: LayerIndex) -> Blob:
        """Return the blob of an indexed layer; the stream must be at its beginning."""
        digest = self.digest or layer.diff_id
        if self.is_exact:
            return Blob(digest, self.size, 0, layer)
        return replace(Blob.from_estimate(layer), digest=digest)


def scan_blob(stored_blob: StoredBlob, *, measure_compression: bool = False) -> Blob:
    """Read a blob to its end and index its layer.

    With `measure_compression`, the registry size of a plain blob is estimated from its content.
    Raises Unreadable if it is no layer, or does not match its digest.
    """
    # The first bytes are peeked at, so this comes before anything reads the stream.
    is_exact = stored_blob.is_exact
    reader = _make_digesting_reader(stored_blob)
    try:
        source = (
            cast(BinaryIO, io.BufferedReader(reader, CHUNK_BYTES)) if reader else stored_blob.stream
        )
        estimator = GzipSizeEstimator() if measure_compression and not is_exact else None
        known_diff_id = stored_blob.verified_diff_id or stored_blob.trusted_diff_id
        layer = scan_layer(decompress_stream(source), estimator, known_diff_id)
    except DECODE_ERRORS as error:
        raise Unreadable(f"a layer's compression is broken: {error}") from error
    # A decompressor stops at its own end; the digest is that of every byte of the blob.
    if reader:
        reader.drain()
    digest = reader.digest if reader else layer.diff_id
    if stored_blob.trusted_diff_id:
        digest = stored_blob.digest or layer.diff_id
    if stored_blob.digest and digest != stored_blob.digest:
        raise Unreadable(f"the blob {stored_blob.digest} does not match its digest")
    if is_exact:
        return Blob(digest, stored_blob.size, 0, layer)
    return replace(Blob.from_estimate(layer), digest=digest)


def _make_digesting_reader(stored_blob: StoredBlob) -> DigestingReader | None:
    """Return a reader that digests the stored bytes; None if the diff ID will do."""
    if stored_blob.trusted_diff_id:
        return None
    algorithm = stored_blob.digest.partition(":")[0] or _SHA256
    is_plain = not is_compressed(peek(stored_blob.stream, 8))
    # The diff ID of a plain layer is the digest of its blob, and the scan computes that anyway.
    if is_plain and algorithm == _SHA256 and not stored_blob.verified_diff_id:
        return None
    return DigestingReader(stored_blob.stream, algorithm=algorithm)
