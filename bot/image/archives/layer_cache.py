"""The layers that are known already, so that no layer is read twice."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from bot.image.archives.blob import Blob, Stored, scan_blob
from bot.image.archives.descriptor import Descriptor
from bot.image.layers.layer_index import LayerIndex
from bot.model.files import Identity


class Keeper(Protocol):
    """Where indexes are kept from one run to the next."""

    def load(self, diff_id: str, identity: Identity) -> LayerIndex | None:
        """A layer's index, None if it is not kept."""
        ...

    def diff_id_of(self, digest: str) -> str:
        """The layer in a blob that was read to its end once, empty if none was."""
        ...

    def save(self, blob: Blob) -> None:
        """Keeps the index of a blob's layer."""
        ...


class Shelf:
    """Indexes of layers by diff ID, and the layer that a blob holds by the blob's digest.

    Where it is `gauged`, a layer without its blob is known only if its contents were gauged, so that
    its compressed size is a good estimate.
    """

    def __init__(self, keeper: Keeper | None = None, *, gauged: bool = False) -> None:
        """Empty but for what is kept."""
        self.gauged = gauged
        self._keeper = keeper
        self._layers: dict[tuple[str, Identity], LayerIndex] = {}
        self._diff_ids: dict[str, str] = {}

    def find(self, diff_id: str, identity: Identity = Identity.XXH3) -> LayerIndex | None:
        """A layer by the digest of its tar, with contents told apart in this way."""
        known = self._layers.get((diff_id, identity))
        if known is None and self._keeper and diff_id:
            known = self._keeper.load(diff_id, identity)
            if known:
                self._layers[diff_id, identity] = known
        return known

    def find_blob(self, digest: str) -> LayerIndex | None:
        """The layer in a blob that was read to its end, under any name."""
        kept = self._keeper.diff_id_of(digest) if self._keeper else ""
        return self.find(self._diff_ids.get(digest) or kept)

    def put(self, blob: Blob) -> None:
        """Keeps a layer; one that has been gauged is not given up for one that has not."""
        layer = blob.layer
        key = layer.diff_id, layer.identity
        if layer.gauged or key not in self._layers:
            self._layers[key] = layer
            if self._keeper:
                self._keeper.save(blob)
        if layer.identity is Identity.XXH3:
            self._diff_ids[blob.digest] = layer.diff_id

    def keep_only(self, blobs: Iterable[Blob]) -> None:
        """Forgets every layer but those of an image, so that memory does not grow with each."""
        kept = {(blob.layer.diff_id, blob.layer.identity) for blob in blobs}
        self._layers = {key: layer for key, layer in self._layers.items() if key in kept}


def take(stored: Stored, wanted: Descriptor, shelf: Shelf) -> Blob:
    """A layer from the shelf if it is known, else from its bytes."""
    blob = recall(stored, wanted, shelf)
    if blob is None:
        blob = scan_blob(stored, gauged=shelf.gauged)
        shelf.put(blob)
    return blob


def recall(stored: Stored, wanted: Descriptor, shelf: Shelf) -> Blob | None:
    """A layer from the shelf, None if it has to be read.

    It is known by the digest of its blob; by its diff ID only where nothing tells that digest.
    """
    digest = wanted.digest
    known = shelf.find_blob(digest) if digest else shelf.find(wanted.diff_id)
    if known and (stored.exact or known.gauged or not shelf.gauged):
        return stored.holding(known)
    return None


def take_all(
    wanted: Sequence[Descriptor],
    shelf: Shelf,
    known: Callable[[Descriptor], Blob | None],
    read: Callable[[Sequence[Descriptor]], Sequence[Blob]],
) -> list[Blob]:
    """The layers of an image: those that are not `known` are `read`, each once, and put on the shelf."""
    layers = {layer.name: layer for layer in wanted}
    found = {name: blob for name, layer in layers.items() if (blob := known(layer))}
    unknown = [layer for name, layer in layers.items() if name not in found]
    for layer, blob in zip(unknown, read(unknown), strict=True):
        shelf.put(blob)
        found[layer.name] = blob
    return [found[layer.name] for layer in wanted]
