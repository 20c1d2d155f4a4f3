"""Indexes of layers, kept from one run to the next.

A layer never changes, so its index is kept by its diff ID, beside how its contents were told apart.
Whatever fails its checks on reading is as good as not there.
"""

from collections.abc import Mapping
from pathlib import Path

from bot.adapters.cache.folder import CacheFolder, cache_folder
from bot.image.archives.blob import Blob
from bot.image.archives.layer_cache import Shelf
from bot.image.layers.index_codec import VERSION, from_record, to_record
from bot.image.layers.layer_index import LayerIndex
from bot.image.layers.streams import Unreadable
from bot.model.files import Identity


class LayerCache:
    """The `Keeper` of a `Shelf`."""

    def __init__(self, folder: Path) -> None:
        """Makes nothing before there is something to keep."""
        self._files = CacheFolder(folder / f"layers-v{VERSION}")

    def load(self, diff_id: str, identity: Identity) -> LayerIndex | None:
        """A layer's index; None if it is not kept, or damaged."""
        try:
            index = from_record(self._files.read(f"{diff_id}.{identity.value}"), diff_id)
        except (OSError, Unreadable):
            return None
        return index if index.identity is identity else None

    def diff_id_of(self, digest: str) -> str:
        """The layer in a blob that was read to its end once, empty if none was."""
        try:
            return self._files.read(f"{digest}.diff_id").decode("ascii")
        except (OSError, ValueError):
            return ""

    def save(self, blob: Blob) -> None:
        """Keeps the index of a blob's layer."""
        layer = blob.layer
        self._files.write(f"{layer.diff_id}.{layer.identity.value}", to_record(layer))
        if blob.digest != layer.diff_id and layer.identity is Identity.XXH3:
            self._files.write(f"{blob.digest}.diff_id", layer.diff_id.encode())


def known_layers(environment: Mapping[str, str], *, gauged: bool = False) -> Shelf:
    """A shelf that knows the layers of earlier runs."""
    folder = cache_folder(environment)
    return Shelf(LayerCache(folder) if folder else None, gauged=gauged)
