"""The layers that are known already, so that no layer is read twice."""

from collections.abc import Iterable

from bot.core.entries import Identity
from bot.image.blob import Blob, Stored, scan_blob
from bot.image.descriptor import Descriptor
from bot.image.index import LayerIndex


class Shelf:
    """Indexes of layers by diff ID, and the layer that a blob holds by the blob's digest."""

    def __init__(self, blobs: Iterable[Blob] = ()) -> None:
        """Begins with the layers of an image that was read before."""
        self._layers: dict[tuple[str, Identity], LayerIndex] = {}
        self._diff_ids: dict[str, str] = {}
        for blob in blobs:
            self.put(blob)

    def find(self, diff_id: str, identity: Identity = Identity.SHA256) -> LayerIndex | None:
        """A layer by the digest of its tar, with contents told apart in this way."""
        return self._layers.get((diff_id, identity))

    def find_blob(self, digest: str) -> LayerIndex | None:
        """The layer in a blob that was read to its end, under any name."""
        return self.find(self._diff_ids.get(digest, ""))

    def put(self, blob: Blob) -> None:
        """Keeps a layer; one that has been gauged is not given up for one that has not."""
        layer = blob.layer
        key = layer.diff_id, layer.identity
        if layer.deflated_bytes is not None or key not in self._layers:
            self._layers[key] = layer
        if layer.identity is Identity.SHA256:
            self._diff_ids[blob.digest] = layer.diff_id


def take(stored: Stored, wanted: Descriptor, shelf: Shelf) -> Blob:
    """A layer from the shelf if it is known, else from its bytes.

    It is known by the digest of its blob; by its diff ID only where nothing tells that digest.
    """
    digest = wanted.digest
    known = shelf.find_blob(digest) if digest else shelf.find(wanted.diff_id)
    blob = stored.holding(known)
    if blob is None:
        blob = scan_blob(stored)
        shelf.put(blob)
    return blob
