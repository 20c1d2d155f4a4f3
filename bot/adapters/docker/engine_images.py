"""Images of a Docker Engine, read the fastest way that it allows.

Reading its folders takes a tenth of the time of `docker save`, which remains the fallback.
"""

from docker.models.images import Image

from bot.adapters.docker import containerd_store, overlay2
from bot.adapters.docker.engine import CONTAINERD, DockerEngine
from bot.adapters.docker.engine_files import EngineFilesUnavailable, open_engine_files
from bot.image.archives.archive import read_archive
from bot.image.archives.layer_cache import LayerCache
from bot.image.archives.manifest_resolver import ScannedImage
from bot.image.archives.platforms import detect_host_platform
from bot.image.layers.streams import Unreadable


class EngineImages:
    """Reads the engine's folders, or exports the image where that fails."""

    def __init__(self, engine: DockerEngine) -> None:
        self._engine = engine

    def read(self, name: str, platform: str | None, layer_cache: LayerCache) -> ScannedImage:
        """Read an image with all its layers; raise InputError if there is none of that name."""
        image = self._engine.get_image(name)
        return self._read_engine_files(image, platform, layer_cache) or self._read_export(
            image, platform, layer_cache
        )

    def _read_engine_files(
        self, image: Image, platform: str | None, layer_cache: LayerCache
    ) -> ScannedImage | None:
        """Read the image without an export; return None where that is impossible."""
        engine, image_id = self._engine, str(image.id)
        try:
            if engine.storage_driver == CONTAINERD:
                with open_engine_files(
                    engine, image_id, containerd_store.list_store_folders(engine.data_root)
                ) as engine_files:
                    # Creating the container unpacked the image for the engine's own platform.
                    is_unpacked = platform is None and engine.platform == detect_host_platform()
                    return containerd_store.read_containerd_image(
                        engine_files, image_id, platform, layer_cache, is_unpacked=is_unpacked
                    )
            # The index has no file contents, so compressed sizes cannot be measured from it.
            if engine.storage_driver == "overlay2" and not layer_cache.measure_compression:
                with open_engine_files(
                    engine, image_id, overlay2.list_store_folders(engine.data_root)
                ) as engine_files:
                    size = int(image.attrs.get("Size") or 0)
                    return overlay2.read_overlay2_image(
                        engine_files, image_id, platform, layer_cache, size
                    )
        except (EngineFilesUnavailable, Unreadable, OSError):
            return None
        return None

    def _read_export(
        self, image: Image, platform: str | None, layer_cache: LayerCache
    ) -> ScannedImage:
        with self._engine.export(image) as stream:
            return read_archive(stream, platform, layer_cache, read_method="export")
