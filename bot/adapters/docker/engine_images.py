"""Images of a Docker Engine, by the fastest way that it allows."""

from docker.models.images import Image

from bot.adapters.docker import containerd_store, overlay2
from bot.adapters.docker.engine import DockerEngine
from bot.adapters.docker.engine_files import NoPeephole, peephole
from bot.image.archives.archive import read_archive
from bot.image.archives.layer_cache import Shelf
from bot.image.archives.manifest_resolver import Archive
from bot.image.archives.platforms import own_platform
from bot.image.layers.streams import Unreadable


class EngineImages:
    """Looks into the engine's folders; where that fails, exports the image as `docker save` does."""

    def __init__(self, engine: DockerEngine) -> None:
        """Asks nothing yet."""
        self._engine = engine

    def read(self, name: str, platform: str | None, shelf: Shelf) -> Archive:
        """An image with all its layers; BadInput if the engine has none of that name."""
        image = self._engine.get(name)
        return self._look(image, platform, shelf) or self._export(image, platform, shelf)

    def _look(self, image: Image, platform: str | None, shelf: Shelf) -> Archive | None:
        """The image without an export; None where that can't be had."""
        engine, image_id = self._engine, str(image.id)
        try:
            if engine.store == "containerd":
                with peephole(
                    engine.client, image_id, containerd_store.places(engine.root)
                ) as hole:
                    # To make the container of a peephole, it unpacks the image for its own platform.
                    unpacked = platform is None and engine.platform == own_platform()
                    return containerd_store.read_content(
                        hole, image_id, platform, shelf, unpacked=unpacked
                    )
            # The index holds no contents, by which alone compressed sizes could be gauged.
            if engine.store == "overlay2" and not shelf.gauged:
                with peephole(engine.client, image_id, overlay2.places(engine.root)) as hole:
                    size = int(image.attrs.get("Size") or 0)
                    return overlay2.read_overlay(hole, image_id, platform, shelf, size)
        except (NoPeephole, Unreadable, OSError):
            return None
        return None

    def _export(self, image: Image, platform: str | None, shelf: Shelf) -> Archive:
        with self._engine.export(image) as stream:
            return read_archive(stream, platform, shelf, way="export")
