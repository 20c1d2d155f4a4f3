"""The layers that are known already, so that no layer is read twice."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from bot.image.archives.blob import Blob, StoredBlob, scan_blob
from bot.image.archives.descriptor import Descriptor
from bot.image.layers.layer_index import LayerIndex
from bot.model.files import HashAlgorithm


class LayerStore(Protocol):
    """Where indexes are kept from one run to the next."""

    def load(self, diff_id: str, hash_algorithm: HashAlgorithm) -> LayerIndex | None:
        """A layer's index, None if it is not kept."""
        ...

    def get_diff_id(self, digest: str) -> str:
        """The layer in a blob that was read to its end once, empty if none was."""
        ...

    def save(self, blob: Blob) -> None:
        """Keeps the index of a blob's layer."""
        ...


class LayerCache:
    """Indexes of layers by diff ID, and the layer that a blob holds by the blob's digest.

    Where it is `gauged`, a layer without its blob is known only if its contents were gauged, so that
    its compressed size is a good estimate.
    """

    def __init__(
        self, store: LayerStore | None = None, *, measure_compression: bool = False
    ) -> None:
        """Empty but for what is kept."""
        self.measure_compression = measure_compression
        self._store = store
        self._layers: dict[tuple[str, HashAlgorithm], LayerIndex] = {}
        self._diff_ids: dict[str, str] = {}

    def get(
        self, diff_id: str, hash_algorithm: HashAlgorithm = HashAlgorithm.XXH3
    ) -> LayerIndex | None:
        """A layer by the digest of its tar, with contents told apart in this way."""
        known = self._layers.get((diff_id, hash_algorithm))
        if known is None and self._store and diff_id:
            known = self._store.load(diff_id, hash_algorithm)
            if known:
                self._layers[diff_id, hash_algorithm] = known
        return known

    def get_by_blob_digest(self, digest: str) -> LayerIndex | None:
        """The layer in a blob that was read to its end, under any name."""
        kept = self._store.get_diff_id(digest) if self._store else ""
        return self.get(self._diff_ids.get(digest) or kept)

    def put(self, blob: Blob) -> None:
        """Keeps a layer; one that has been gauged is not given up for one that has not."""
        layer = blob.layer
        key = layer.diff_id, layer.hash_algorithm
        if layer.measured_compression or key not in self._layers:
            self._layers[key] = layer
            if self._store:
                self._store.save(blob)
        if layer.hash_algorithm is HashAlgorithm.XXH3:
            self._diff_ids[blob.digest] = layer.diff_id

    def keep_only(self, blobs: Iterable[Blob]) -> None:
        """Forgets every layer but those of an image, so that memory does not grow with each."""
        kept = {(blob.layer.diff_id, blob.layer.hash_algorithm) for blob in blobs}
        self._layers = {key: layer for key, layer in self._layers.items() if key in kept}


def get_or_scan_layer(
    stored_blob: StoredBlob, descriptor: Descriptor, layer_cache: LayerCache
) -> Blob:
    """A layer from the shelf if it is known, else from its bytes."""
    blob = lookup_layer(stored_blob, descriptor, layer_cache)
    if blob is None:
        blob = scan_blob(stored_blob, measure_compression=layer_cache.measure_compression)
        layer_cache.put(blob)
    return blob


def lookup_layer(
    stored_blob: StoredBlob, descriptor: Descriptor, layer_cache: LayerCache
) -> Blob | None:
    """A layer from the shelf, None if it has to be read.

    It is known by the digest of its blob; by its diff ID only where nothing tells that digest.
    """
    digest = descriptor.digest
    known = (
        layer_cache.get_by_blob_digest(digest) if digest else layer_cache.get(descriptor.diff_id)
    )
    if known and (
        stored_blob.is_exact or known.measured_compression or not layer_cache.measure_compression
    ):
        return stored_blob.with_layer(known)
    return None


def get_or_scan_layers(
    descriptors: Sequence[Descriptor],
    layer_cache: LayerCache,
    lookup: Callable[[Descriptor], Blob | None],
    scan: Callable[[Sequence[Descriptor]], Sequence[Blob]],
) -> list[Blob]:
    """The layers of an image: those that are not `known` are `read`, each once, and put on the shelf."""
    layers = {layer.name: layer for layer in descriptors}
    found = {name: blob for name, layer in layers.items() if (blob := lookup(layer))}
    unknown = [layer for name, layer in layers.items() if name not in found]
    for layer, blob in zip(unknown, scan(unknown), strict=True):
        layer_cache.put(blob)
        found[layer.name] = blob
    return [found[layer.name] for layer in descriptors]
