"""Images of a Docker Engine, by the fastest way that it allows."""

from docker.models.images import Image

from bot.adapters.docker import containerd_store, overlay2
from bot.adapters.docker.engine import DockerEngine
from bot.adapters.docker.engine_files import EngineFilesUnavailable, open_engine_files
from bot.image.archives.archive import read_archive
from bot.image.archives.layer_cache import LayerCache
from bot.image.archives.manifest_resolver import ScannedImage
from bot.image.archives.platforms import detect_host_platform
from bot.image.layers.streams import Unreadable


class EngineImages:
    """Looks into the engine's folders; where that fails, exports the image as `docker save` does."""

    def __init__(self, engine: DockerEngine) -> None:
        """Asks nothing yet."""
        self._engine = engine

    def read(self, name: str, platform: str | None, layer_cache: LayerCache) -> ScannedImage:
        """An image with all its layers; InputError if the engine has none of that name."""
        image = self._engine.get_image(name)
        return self._read_engine_files(image, platform, layer_cache) or self._read_export(
            image, platform, layer_cache
        )

    def _read_engine_files(
        self, image: Image, platform: str | None, layer_cache: LayerCache
    ) -> ScannedImage | None:
        """The image without an export; None where that can't be had."""
        engine, image_id = self._engine, str(image.id)
        try:
            if engine.storage_driver == "containerd":
                with open_engine_files(
                    engine.client, image_id, containerd_store.list_store_folders(engine.data_root)
                ) as hole:
                    # To make the container of a peephole, it unpacks the image for its own platform.
                    unpacked = platform is None and engine.platform == detect_host_platform()
                    return containerd_store.read_containerd_image(
                        hole, image_id, platform, layer_cache, is_unpacked=unpacked
                    )
            # The index holds no contents, by which alone compressed sizes could be gauged.
            if engine.storage_driver == "overlay2" and not layer_cache.measure_compression:
                with open_engine_files(
                    engine.client, image_id, overlay2.list_store_folders(engine.data_root)
                ) as hole:
                    size = int(image.attrs.get("Size") or 0)
                    return overlay2.read_overlay2_image(hole, image_id, platform, layer_cache, size)
        except (EngineFilesUnavailable, Unreadable, OSError):
            return None
        return None

    def _read_export(
        self, image: Image, platform: str | None, layer_cache: LayerCache
    ) -> ScannedImage:
        with self._engine.export(image) as stream:
            return read_archive(stream, platform, layer_cache, read_method="export")
