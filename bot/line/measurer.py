"""Measures images one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.image.archives.layer_cache import LayerCache
from bot.image.layers.streams import Unreadable
from bot.image.measure import measure_image
from bot.model.image import Image, MeasureFailure

if TYPE_CHECKING:  # to import them takes longer than to measure a small image
    from bot.dockerfile.stages import Stage
    from bot.line.ports import ImageReader, Progress


class Measurer:
    """Reads images; a layer that the last image had too is not scanned again."""

    def __init__(
        self, image_reader: ImageReader, progress: Progress, layer_cache: LayerCache | None = None
    ) -> None:
        """Reads nothing yet; a `shelf` may know layers already."""
        self._image_reader, self._progress = image_reader, progress
        self._layer_cache = layer_cache or LayerCache()

    def enable_measured_compression(self) -> None:
        """From now on reads contents where compressed sizes would be guesses without."""
        self._layer_cache.measure_compression = True

    def measure(
        self,
        reference: str,
        name: str = "",
        stages: tuple[Stage, ...] = (),
        base_diff_ids: tuple[str, ...] | None = None,
        *,
        label: str = "",
        platform: str | None = None,
    ) -> Image | MeasureFailure:
        """The image of a reference; InputError if there is none.

        `name` is what the report calls it and `label` what progress does, the reference if left out;
        without a `platform` it is this machine's.
        """
        try:
            with self._progress.step(f"measure {label or reference}"):
                archive = self._image_reader.read(reference, platform, self._layer_cache)
        except (Unreadable, OSError) as problem:
            return MeasureFailure(str(problem))
        self._layer_cache.keep_only(archive.blobs)
        return measure_image(archive, name or reference, stages, base_diff_ids)
