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
from bot.image.archives.image_config import ImageConfig
from bot.image.archives.image_selection import select_entries
from bot.image.archives.layer_cache import LayerCache, get_or_scan_layers, lookup_layer
from bot.image.archives.manifest_resolver import choose_image, read_config, resolve_manifest
from bot.image.layers.streams import CHUNK_BYTES, Unreadable
from bot.parallel import MIN_PARALLEL_BYTES, run_in_two_processes

INDEX_NAME = "index.json"


def find_image_digest(folder: Path) -> str:
    """Return the digest of the only image in a layout.

    Raises Unreadable or OSError, also if a part of the image is missing or not whole.
    """
    layout = OciLayout(folder, LayerCache())
    descriptor = _find_only_image(layout)
    manifest = resolve_manifest(layout, descriptor, None)
    read_config(layout, manifest, None)
    layout.check_layers(manifest.layers)
    return descriptor.digest


def read_image_config(folder: Path) -> ImageConfig:
    """Return the config of the only image in a layout; raise Unreadable or OSError."""
    layout = OciLayout(folder, LayerCache())
    return read_config(layout, resolve_manifest(layout, _find_only_image(layout), None), None)


def _find_only_image(layout: "OciLayout") -> Descriptor:
    entries = select_entries(layout, "")
    return choose_image([entry for entry in entries if isinstance(entry, Descriptor)], None)


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

    def check_layers(self, descriptors: Sequence[Descriptor]) -> None:
        """Raise Unreadable if a layer is missing, or has another size than its manifest says."""
        for layer in descriptors:
            layer.check_size(self._blob_size(layer))

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
                cast(BinaryIO, io.BufferedReader(raw, CHUNK_BYTES)),
                size,
                layer.digest,
                trusted_diff_id=self._layer_cache.get_trusted_diff_id(layer),
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
