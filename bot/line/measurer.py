"""Measures images one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.image.archives.layer_cache import Shelf
from bot.image.layers.streams import Unreadable
from bot.image.measure import measure
from bot.model.image import Image, Unmeasured

if TYPE_CHECKING:  # to import them takes longer than to measure a small image
    from bot.dockerfile.stages import Stage
    from bot.line.ports import Images, Screen


class Measurer:
    """Reads images; a layer that the last image had too is not scanned again."""

    def __init__(self, images: Images, screen: Screen, shelf: Shelf | None = None) -> None:
        """Reads nothing yet; a `shelf` may know layers already."""
        self._images, self._screen = images, screen
        self._shelf = shelf or Shelf()

    def gauge(self) -> None:
        """From now on reads contents where compressed sizes would be guesses without."""
        self._shelf.gauged = True

    def measure(
        self,
        reference: str,
        name: str = "",
        stages: tuple[Stage, ...] = (),
        base_layers: tuple[str, ...] | None = None,
        *,
        label: str = "",
        platform: str | None = None,
    ) -> Image | Unmeasured:
        """The image of a reference; BadInput if there is none.

        `name` is what the report calls it and `label` what progress does, the reference if left out;
        without a `platform` it is this machine's.
        """
        try:
            with self._screen.step(f"measure {label or reference}"):
                archive = self._images.read(reference, platform, self._shelf)
        except (Unreadable, OSError) as problem:
            return Unmeasured(str(problem))
        self._shelf.keep_only(archive.blobs)
        return measure(archive, name or reference, stages, base_layers)
