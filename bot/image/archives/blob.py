"""A layer as it is stored: plain or compressed, its digest checked, its tar scanned."""

import io
from dataclasses import dataclass, replace
from typing import BinaryIO, Self, cast

from bot.image.layers.gzip_estimate import GzipGauge
from bot.image.layers.layer_index import LayerIndex
from bot.image.layers.streams import (
    CHUNK,
    UNDECODABLE,
    Tap,
    Unreadable,
    decompressed,
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
    error: float
    layer: LayerIndex

    @property
    def exact(self) -> bool:
        """Whether its size is that of the blob in a registry."""
        return not self.error

    @classmethod
    def estimated(cls, layer: LayerIndex) -> Self:
        """A layer of which no blob is at hand."""
        return cls(layer.diff_id, layer.deflated_bytes, layer.deflated_error, layer)


@dataclass(frozen=True, slots=True)
class Stored:
    """A blob's bytes before they are read, from a buffered stream: how many, and their digest.

    The digest is empty where nothing tells it. `final` is true where a registry has it just so, and
    false where a plain blob would be compressed on its way there. `unpacked` is the diff ID that an
    engine has found when it unpacked this very blob.
    """

    stream: BinaryIO
    size: int
    digest: str = ""
    final: bool = False
    unpacked: str = ""

    @property
    def exact(self) -> bool:
        """Whether its size is that of the blob in a registry."""
        return self.final or is_compressed(peek(self.stream, 8))

    def holding(self, layer: LayerIndex) -> Blob:
        """The blob of a layer that is known. To be asked while the stream is at its beginning."""
        digest = self.digest or layer.diff_id
        if self.exact:
            return Blob(digest, self.size, 0, layer)
        return replace(Blob.estimated(layer), digest=digest)


def scan_blob(stored: Stored, *, gauged: bool = False) -> Blob:
    """Reads a blob to its end; Unreadable if it is no layer, or not what its digest says.

    If `gauged`, the size that a plain one would have in a registry is estimated from its contents.
    """
    exact = stored.exact
    tap = _tap(stored)
    try:
        source = cast(BinaryIO, io.BufferedReader(tap, CHUNK)) if tap else stored.stream
        gauge = GzipGauge() if gauged and not exact else None
        layer = scan_layer(decompressed(source), gauge, stored.unpacked)
    except UNDECODABLE as problem:
        raise Unreadable(f"a layer's compression is broken: {problem}") from problem
    if tap:
        tap.drain()
    digest = tap.digest if tap else layer.diff_id
    if stored.digest and digest != stored.digest:
        raise Unreadable(f"the blob {stored.digest} holds other bytes than its digest says")
    return (
        Blob(digest, stored.size, 0, layer)
        if exact
        else replace(Blob.estimated(layer), digest=digest)
    )


def _tap(stored: Stored) -> Tap | None:
    """What digests the stored bytes; none where the layer's own digest says it all."""
    algorithm = stored.digest.partition(":")[0] or _SHA256
    plain = not is_compressed(peek(stored.stream, 8))
    if plain and algorithm == _SHA256 and not stored.unpacked:
        return None
    return Tap(stored.stream, algorithm=algorithm)
