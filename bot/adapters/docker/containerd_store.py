"""The containerd image store, read by the blobs of its content store, without an export.

`blobs/sha256/<digest>` under the store's folder holds every manifest, config and layer as it came
from a registry or would go to one (the content flow of containerd), so sizes are exact.
"""

import io
from collections.abc import Sequence
from contextlib import closing
from functools import partial

from bot.adapters.docker.engine_files import EngineFiles
from bot.image.archives.blob import Blob, StoredBlob, scan_blob
from bot.image.archives.descriptor import MAX_DOCUMENT_BYTES, Descriptor
from bot.image.archives.layer_cache import LayerCache, get_or_scan_layers, lookup_layer
from bot.image.archives.manifest_resolver import ScannedImage, read_image
from bot.parallel import run_in_two_processes

READ_METHOD = "content store"

# Compressed bytes below which a second process costs more than it saves.
_TWO_PROCESS_MIN_BYTES = 16 << 20


def list_store_folders(data_root: str) -> list[dict[str, str]]:
    """Return the possible folders of the store: the engine's own containerd, the system's."""
    # dockerd starts a containerd of its own unless the system has one (`--containerd`).
    owners = (f"{data_root}/containerd/daemon", "/var/lib/containerd")
    return [{"content": f"{owner}/io.containerd.content.v1.content"} for owner in owners]


def read_containerd_image(
    engine_files: EngineFiles,
    digest: str,
    platform: str | None,
    layer_cache: LayerCache,
    *,
    is_unpacked: bool,
) -> ScannedImage:
    """Read an image of the containerd store.

    An engine that has unpacked the image (`is_unpacked`) has verified its layers against the
    config already. Raises Unreadable or OSError where the store cannot be read.
    """
    source = _ContainerdSource(engine_files, layer_cache, is_unpacked=is_unpacked)
    return read_image(source, Descriptor(digest, digest), platform)


class _ContainerdSource:
    """The content store as a source of images."""

    read_method = READ_METHOD

    def __init__(
        self, engine_files: EngineFiles, layer_cache: LayerCache, *, is_unpacked: bool
    ) -> None:
        self._engine_files, self._layer_cache = engine_files, layer_cache
        self._is_unpacked = is_unpacked

    def read_manifest(self, descriptor: Descriptor) -> bytes:
        return self._engine_files.read_file(_blob_path(descriptor), MAX_DOCUMENT_BYTES)

    def read_config(self, descriptor: Descriptor) -> bytes:
        return self._engine_files.read_file(_blob_path(descriptor), MAX_DOCUMENT_BYTES)

    def read_layers(self, descriptors: Sequence[Descriptor]) -> list[Blob]:
        return get_or_scan_layers(
            descriptors, self._layer_cache, self._get_cached, self._scan_layers
        )

    def _get_cached(self, layer: Descriptor) -> Blob | None:
        stored = StoredBlob(io.BytesIO(), layer.size or 0, layer.digest, is_registry_blob=True)
        return lookup_layer(stored, layer, self._layer_cache)

    def _scan_layers(self, layers: Sequence[Descriptor]) -> list[Blob]:
        scan_here = partial(self._scan_layer, self._engine_files)
        if sum(layer.size or 0 for layer in layers) < _TWO_PROCESS_MIN_BYTES:
            return list(map(scan_here, layers))
        with self._engine_files.open_second() as second_files:
            return run_in_two_processes(
                layers,
                scan_here,
                partial(self._scan_layer, second_files),
                lambda layer: layer.size or 0,
            )

    def _scan_layer(self, engine_files: EngineFiles, layer: Descriptor) -> Blob:
        # To unpack a layer, containerd compares its digest with the config's: it need not be hashed
        # again.
        diff_id = layer.diff_id if self._is_unpacked else ""
        with closing(engine_files.iter_files(_blob_path(layer))) as files:
            for file in files:
                return scan_blob(
                    StoredBlob(
                        file.content,
                        file.size,
                        layer.digest,
                        is_registry_blob=True,
                        verified_diff_id=diff_id,
                    )
                )
        raise layer.make_missing_error()


def _blob_path(descriptor: Descriptor) -> str:
    return "/content/blobs/" + descriptor.digest.replace(":", "/", 1)
