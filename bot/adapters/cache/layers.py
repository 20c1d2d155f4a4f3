"""Indexes of layers, kept from one run to the next.

A layer never changes, so its index is kept by its diff ID, beside how its contents were told apart.
Whatever fails its checks on reading is as good as not there.
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
    """The `LayerStore` of a `FolderLayerStore`."""

    def __init__(self, folder: Path) -> None:
        """Makes nothing before there is something to keep."""
        self._folder = CacheFolder(folder / f"layers-v{FORMAT_VERSION}")

    def load(self, diff_id: str, hash_algorithm: HashAlgorithm) -> LayerIndex | None:
        """A layer's index; None if it is not kept, or damaged."""
        try:
            index = decode_index(self._folder.read(f"{diff_id}.{hash_algorithm.value}"), diff_id)
        except (OSError, Unreadable):
            return None
        return index if index.hash_algorithm is hash_algorithm else None

    def get_diff_id(self, digest: str) -> str:
        """The layer in a blob that was read to its end once, empty if none was."""
        try:
            return self._folder.read(f"{digest}.diff_id").decode("ascii")
        except (OSError, ValueError):
            return ""

    def save(self, blob: Blob) -> None:
        """Keeps the index of a blob's layer."""
        layer = blob.layer
        self._folder.write(f"{layer.diff_id}.{layer.hash_algorithm.value}", encode_index(layer))
        if blob.digest != layer.diff_id and layer.hash_algorithm is HashAlgorithm.XXH3:
            self._folder.write(f"{blob.digest}.diff_id", layer.diff_id.encode())


def open_layer_cache(
    environment: Mapping[str, str], *, measure_compression: bool = False
) -> LayerCache:
    """A shelf that knows the layers of earlier runs."""
    folder = find_cache_folder(environment)
    return LayerCache(
        FolderLayerStore(folder) if folder else None, measure_compression=measure_compression
    )
