"""Measures the engine's images one after another."""

from collections.abc import Mapping

from bot.core.dockerfile import Stage
from bot.core.model import Image, Unmeasured
from bot.image.archive import Blob, read_archive
from bot.image.measure import measure
from bot.image.streams import Unreadable
from bot.ports import Engine, Screen


class Measurer:
    """Reads images out of an engine; a layer that the last image had too is not scanned again."""

    def __init__(self, engine: Engine, screen: Screen) -> None:
        """Reads nothing yet."""
        self._engine, self._screen = engine, screen
        self._known: Mapping[str, Blob] = {}

    def measure(
        self,
        reference: str,
        image_id: str | None = None,
        stages: tuple[Stage, ...] = (),
        base_layers: tuple[str, ...] | None = None,
        label: str = "",
    ) -> Image | Unmeasured:
        """The image of an ID, or of a reference; BadInput if there is none of that name.

        `label` is what progress calls it, its reference if left out.
        """
        image_id = image_id or self._engine.image_id(reference)
        try:
            with (
                self._screen.step(f"measure {label or reference}"),
                self._engine.export(image_id) as stream,
            ):
                archive = read_archive(stream, known=self._known)
        except (Unreadable, OSError) as problem:
            return Unmeasured(str(problem))
        self._known = {blob.digest: blob for blob in archive.blobs}
        return measure(archive, reference, image_id, stages, base_layers)
