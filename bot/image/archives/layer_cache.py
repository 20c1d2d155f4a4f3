"""The cache of layer indexes, in memory and in a store, so that no layer is read twice."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from bot.image.archives.blob import Blob, StoredBlob, scan_blob
from bot.image.archives.descriptor import Descriptor
from bot.image.archives.index_check import agrees_with_blob
from bot.image.layers.layer_index import LayerIndex
from bot.model.files import HashAlgorithm


class LayerStore(Protocol):
    """A store that keeps layer indexes from one run to the next."""

    def load(self, diff_id: str, hash_algorithm: HashAlgorithm) -> LayerIndex | None:
        """Return the index of a layer; None if it is not stored."""
        ...

    def get_diff_id(self, digest: str) -> str:
        """Return the diff ID of a blob that was read before; empty if it is unknown."""
        ...

    def save(self, blob: Blob) -> None:
        """Store the index of a blob's layer."""
        ...


class LayerCache:
    """Layer indexes by diff ID, and diff IDs by the digests of blobs.

    With `measure_compression`, a layer without its blob is only served if its compression was
    measured, so that its compressed size is a good estimate. With `trusts_digests`, archives are
    believed without a check; what is read of them is not stored for runs that check.
    """

    def __init__(
        self, store: LayerStore | None = None, *, measure_compression: bool = False
    ) -> None:
        self.measure_compression = measure_compression
        self.trusts_digests = False
        self._store = store
        self._layers: dict[tuple[str, HashAlgorithm], LayerIndex] = {}
        self._diff_ids: dict[str, str] = {}

    def get(
        self, diff_id: str, hash_algorithm: HashAlgorithm = HashAlgorithm.XXH3
    ) -> LayerIndex | None:
        """Return a layer by its diff ID and the hash algorithm of its contents."""
        index = self._layers.get((diff_id, hash_algorithm))
        if index is None and self._store and diff_id:
            index = self._store.load(diff_id, hash_algorithm)
            if index:
                self._layers[diff_id, hash_algorithm] = index
        return index

    def get_by_blob_digest(self, digest: str) -> LayerIndex | None:
        """Return the layer of a blob that was read before, whatever its name was."""
        stored_diff_id = self._store.get_diff_id(digest) if self._store else ""
        return self.get(self._diff_ids.get(digest) or stored_diff_id)

    def put(self, blob: Blob) -> None:
        """Add a layer; a measured one is not replaced by an unmeasured one."""
        layer = blob.layer
        key = layer.diff_id, layer.hash_algorithm
        if layer.measured_compression or key not in self._layers:
            self._layers[key] = layer
            if self._store and not self.trusts_digests:
                self._store.save(blob)
        if layer.hash_algorithm is HashAlgorithm.XXH3:
            # Indexes from tar-split have CRC-64 contents and no blob that was read.
            self._diff_ids[blob.digest] = layer.diff_id

    def get_trusted_diff_id(self, descriptor: Descriptor) -> str:
        """Return the diff ID that a layer's image states, to be believed; empty to check it."""
        return descriptor.diff_id if self.trusts_digests else ""

    def keep_only(self, blobs: Iterable[Blob]) -> None:
        """Remove all layers but those of one image, to bound memory over many images."""
        keys = {(blob.layer.diff_id, blob.layer.hash_algorithm) for blob in blobs}
        self._layers = {key: layer for key, layer in self._layers.items() if key in keys}


def get_or_scan_layer(
    stored_blob: StoredBlob, descriptor: Descriptor, layer_cache: LayerCache
) -> Blob:
    """Return a layer from the cache, else scan its bytes and add it."""
    blob = lookup_layer(stored_blob, descriptor, layer_cache)
    if blob is None:
        blob = scan_blob(stored_blob, measure_compression=layer_cache.measure_compression)
        layer_cache.put(blob)
    return blob


def lookup_layer(
    stored_blob: StoredBlob, descriptor: Descriptor, layer_cache: LayerCache
) -> Blob | None:
    """Return a layer from the cache; None if it has to be scanned.

    The key is the digest of its blob; the diff ID only where that digest is unknown. An index that
    the blob contradicts is not believed.
    """
    digest = descriptor.digest
    diff_id = descriptor.diff_id
    index = layer_cache.get_by_blob_digest(digest) if digest else layer_cache.get(diff_id)
    if index is None or index.diff_id != (diff_id or index.diff_id):
        return None
    if not agrees_with_blob(index, stored_blob.size, is_plain=stored_blob.is_plain):
        return None
    needs_measuring = layer_cache.measure_compression and not index.measured_compression
    if needs_measuring and not stored_blob.is_exact:
        return None
    return stored_blob.with_layer(index)


def get_or_scan_layers(
    descriptors: Sequence[Descriptor],
    layer_cache: LayerCache,
    lookup: Callable[[Descriptor], Blob | None],
    scan: Callable[[Sequence[Descriptor]], Sequence[Blob]],
) -> list[Blob]:
    """Return the layers of an image; `scan` reads those that `lookup` lacks, each once."""
    # An image may contain the same layer twice.
    by_name = {layer.name: layer for layer in descriptors}
    blobs = {name: blob for name, layer in by_name.items() if (blob := lookup(layer))}
    unread = [layer for name, layer in by_name.items() if name not in blobs]
    for layer, blob in zip(unread, scan(unread), strict=True):
        layer_cache.put(blob)
        blobs[layer.name] = blob
    return [blobs[layer.name] for layer in descriptors]
