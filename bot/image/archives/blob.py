"""A layer as it is stored: plain or compressed, its digest checked, its tar scanned."""

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
    """A layer as it is stored, and what it holds.

    `size` is what a registry stores for it, in bytes: as found where `error` is 0, else estimated
    within that share of it.
    """

    digest: str
    size: int
    size_error: float
    layer: LayerIndex

    @property
    def is_exact(self) -> bool:
        """Whether its size is that of the blob in a registry."""
        return not self.size_error

    @classmethod
    def from_estimate(cls, layer: LayerIndex) -> Self:
        """A layer of which no blob is at hand."""
        return cls(layer.diff_id, layer.gzip_bytes, layer.gzip_error, layer)


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A blob's bytes before they are read, from a buffered stream: how many, and their digest.

    The digest is empty where nothing tells it. `final` is true where a registry has it just so, and
    false where a plain blob would be compressed on its way there. `unpacked` is the diff ID that an
    engine has found when it unpacked this very blob.
    """

    stream: BinaryIO
    size: int
    digest: str = ""
    is_registry_blob: bool = False
    verified_diff_id: str = ""

    @property
    def is_exact(self) -> bool:
        """Whether its size is that of the blob in a registry."""
        return self.is_registry_blob or is_compressed(peek(self.stream, 8))

    def with_layer(self, layer: LayerIndex) -> Blob:
        """The blob of a layer that is known. To be asked while the stream is at its beginning."""
        digest = self.digest or layer.diff_id
        if self.is_exact:
            return Blob(digest, self.size, 0, layer)
        return replace(Blob.from_estimate(layer), digest=digest)


def scan_blob(stored_blob: StoredBlob, *, measure_compression: bool = False) -> Blob:
    """Reads a blob to its end; Unreadable if it is no layer, or not what its digest says.

    If `gauged`, the size that a plain one would have in a registry is estimated from its contents.
    """
    exact = stored_blob.is_exact
    tap = _make_digesting_reader(stored_blob)
    try:
        source = cast(BinaryIO, io.BufferedReader(tap, CHUNK_BYTES)) if tap else stored_blob.stream
        gauge = GzipSizeEstimator() if measure_compression and not exact else None
        layer = scan_layer(decompress_stream(source), gauge, stored_blob.verified_diff_id)
    except DECODE_ERRORS as problem:
        raise Unreadable(f"a layer's compression is broken: {problem}") from problem
    if tap:
        tap.drain()
    digest = tap.digest if tap else layer.diff_id
    if stored_blob.digest and digest != stored_blob.digest:
        raise Unreadable(f"the blob {stored_blob.digest} holds other bytes than its digest says")
    return (
        Blob(digest, stored_blob.size, 0, layer)
        if exact
        else replace(Blob.from_estimate(layer), digest=digest)
    )


def _make_digesting_reader(stored_blob: StoredBlob) -> DigestingReader | None:
    """What digests the stored bytes; none where the layer's own digest says it all."""
    algorithm = stored_blob.digest.partition(":")[0] or _SHA256
    plain = not is_compressed(peek(stored_blob.stream, 8))
    if plain and algorithm == _SHA256 and not stored_blob.verified_diff_id:
        return None
    return DigestingReader(stored_blob.stream, algorithm=algorithm)
