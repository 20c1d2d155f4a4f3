"""A folder with an OCI layout, as in `oci:DIR`.

Plain files: unlike an archive, blobs can be read in any order and by two processes.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from bot.image.archives.blob import Blob, StoredBlob, scan_blob
from bot.image.archives.descriptor import MAX_DOCUMENT_BYTES, Descriptor
from bot.image.archives.layer_cache import LayerCache, get_or_scan_layers, lookup_layer
from bot.image.layers.streams import CHUNK_BYTES, Unreadable
from bot.parallel import MIN_PARALLEL_BYTES, run_in_two_processes


class OciLayout:
    """Reads files below the folder; a link that leads out of it counts as missing."""

    read_method = "layout"

    def __init__(self, root: Path, layer_cache: LayerCache) -> None:
        self._root, self._layer_cache = root.resolve(), layer_cache

    def has_document(self, name: str) -> bool:
        """Return True if there is a file of the name."""
        return self._find_file(name) is not None

    def read_manifest(self, descriptor: Descriptor) -> bytes:
        """Read a document whole.

        Raises Unreadable if it is missing or too large.
        """
        path = self._blob_path(descriptor)
        if path.stat().st_size > MAX_DOCUMENT_BYTES:
            raise Unreadable(f"{descriptor.name} is too large for a document")
        return path.read_bytes()

    read_config = read_manifest

    def read_layers(self, descriptors: Sequence[Descriptor]) -> Sequence[Blob]:
        """Return the layers; those that are not in the cache are scanned."""
        return get_or_scan_layers(
            descriptors, self._layer_cache, self._get_cached, self._scan_layers
        )

    def _get_cached(self, layer: Descriptor) -> Blob | None:
        with self._open_blob(layer) as stored:
            return lookup_layer(stored, layer, self._layer_cache)

    def _scan_layers(self, layers: Sequence[Descriptor]) -> list[Blob]:
        if sum(map(self._blob_size, layers)) < MIN_PARALLEL_BYTES:
            return [self._scan_layer(layer) for layer in layers]
        return run_in_two_processes(layers, self._scan_layer, self._scan_layer, self._blob_size)

    def _blob_size(self, layer: Descriptor) -> int:
        return self._blob_path(layer).stat().st_size

    def _scan_layer(self, layer: Descriptor) -> Blob:
        with self._open_blob(layer) as stored:
            return scan_blob(stored, measure_compression=self._layer_cache.measure_compression)

    @contextmanager
    def _open_blob(self, layer: Descriptor) -> Iterator[StoredBlob]:
        path = self._blob_path(layer)
        size = path.stat().st_size
        layer.check_size(size)
        with path.open("rb", buffering=0) as raw:
            yield StoredBlob(
                cast(BinaryIO, io.BufferedReader(raw, CHUNK_BYTES)), size, layer.digest
            )

    def _blob_path(self, descriptor: Descriptor) -> Path:
        path = self._find_file(descriptor.name)
        if path is None:
            raise descriptor.make_missing_error()
        return path

    def _find_file(self, name: str) -> Path | None:
        try:
            # A layout of somebody else may have a link to any file of this machine.
            path = (self._root / name).resolve()
        except (ValueError, RuntimeError):  # a null byte, links in a circle
            return None
        return path if path.is_relative_to(self._root) and path.is_file() else None
