"""Indexes of layers, kept between runs.

A layer never changes, so its index is stored under its diff ID and the algorithm that its contents
were hashed with. A file that fails its checks counts as missing.
"""

from collections.abc import Mapping
from pathlib import Path

from bot.adapters.cache.folder import CacheFolder, find_cache_folder
from bot.image.archives.blob import Blob
from bot.image.archives.layer_cache import LayerCache
from bot.image.layers.index_codec import FORMAT_VERSION, decode_index, encode_index
from bot.image.layers.layer_index import LayerIndex
from bot.image.layers.streams import Unreadable
from bot.model.files import HashAlgorithm


class FolderLayerStore:
    """The port `LayerStore`: indexes in a folder, one for each version of their format."""

    def __init__(self, folder: Path) -> None:
        self._folder = CacheFolder(folder / f"layers-v{FORMAT_VERSION}")

    def load(self, diff_id: str, hash_algorithm: HashAlgorithm) -> LayerIndex | None:
        """Return a layer's index; None if it is not stored, or damaged."""
        try:
            index = decode_index(self._folder.read(f"{diff_id}.{hash_algorithm.value}"), diff_id)
        except (OSError, Unreadable):
            return None
        # A file under another algorithm's name may be a copy that somebody made.
        return index if index.hash_algorithm is hash_algorithm else None

    def get_diff_id(self, digest: str) -> str:
        """Return the diff ID of a compressed blob; empty if no run has decompressed it."""
        try:
            return self._folder.read(f"{digest}.diff_id").decode("ascii")
        except (OSError, ValueError):
            return ""

    def save(self, blob: Blob) -> None:
        """Store the index of a blob's layer, and which layer the blob is."""
        layer = blob.layer
        self._folder.write(f"{layer.diff_id}.{layer.hash_algorithm.value}", encode_index(layer))
        # Of a layer from the engine's index (CRC-64), no compressed blob was read.
        if blob.digest != layer.diff_id and layer.hash_algorithm is HashAlgorithm.XXH3:
            self._folder.write(f"{blob.digest}.diff_id", layer.diff_id.encode())


def open_layer_cache(
    environment: Mapping[str, str], *, measure_compression: bool = False
) -> LayerCache:
    """Return a layer cache with the layers of earlier runs."""
    folder = find_cache_folder(environment)
    return LayerCache(
        FolderLayerStore(folder) if folder else None, measure_compression=measure_compression
    )
