"""Measures images one after another, and remembers the layers of the last one.

Two builds of one Dockerfile share most layers, and those need not be read twice.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, TypeVar

from bot.errors import describe_cause
from bot.image.archives.layer_cache import LayerCache
from bot.image.layer_analysis import LayerAnalysis, analyse_common_layers
from bot.image.layers.streams import Unreadable
from bot.image.measure import measure_image
from bot.model.image import BaseImage, Image, MeasureFailure
from bot.model.metric import Metric

if TYPE_CHECKING:  # to import them takes longer than to measure a small image
    from collections.abc import Callable, Iterable

    from bot.dockerfile.stages import Stage
    from bot.image.archives.manifest_resolver import ScannedImage
    from bot.line.ports import ImageReader, Progress
    from bot.model.spec import Budget


# What no reader should raise. Whoever made the image must not end the review of the others.
_READING_DEFECTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    *(RecursionError, TypeError, ValueError, struct.error, zlib.error),
)
_MAX_REASON_LENGTH = 1000

_Result = TypeVar("_Result")


class Measurer:
    """A measurer of images; a layer that the last image had, too, is not scanned again."""

    def __init__(
        self, image_reader: ImageReader, progress: Progress, layer_cache: LayerCache | None = None
    ) -> None:
        """`layer_cache` may have layers from earlier runs."""
        self._image_reader, self._progress = image_reader, progress
        self._layer_cache = layer_cache or LayerCache()

    def enable_measured_compression(self) -> None:
        """Estimate the compressed sizes of all further images from their contents."""
        self._layer_cache.measure_compression = True

    def trust_digests(self) -> None:
        """Believe the digests of archives and folders; computing them takes half of the time."""
        self._layer_cache.trusts_digests = True

    def prepare_for(self, budgets: Iterable[Budget | None]) -> None:
        """Turn on what the metrics of some budgets need to be measured.

        Compressed sizes need the closer estimate, which has to read all contents.
        """
        if any(
            budget is not None and budget.metric.of_sizes is Metric.COMPRESSED for budget in budgets
        ):
            self.enable_measured_compression()

    def list_platforms(self, reference: str) -> tuple[str, ...] | MeasureFailure:
        """Return the platforms of an image; none where they are not known, as in an engine.

        InputError if there is no such image.
        """
        return _describe_failure(lambda: self._image_reader.list_platforms(reference))

    def measure(
        self,
        reference: str,
        name: str = "",
        stages: tuple[Stage, ...] = (),
        base_image: BaseImage | None = None,
        *,
        label: str = "",
        platform: str | None = None,
    ) -> Image | MeasureFailure:
        """Measure the image of a reference; InputError if there is none.

        `name` is its name in the report and `label` that in progress lines; both default to the
        reference, `platform` to this machine's.
        """
        image = self.read(reference, label=label, platform=platform)
        return self.evaluate(image, name or reference, stages, base_image)

    def read(
        self, reference: str, *, label: str = "", platform: str | None = None
    ) -> ScannedImage | MeasureFailure:
        """Read the layers of an image, as the first step of `measure`."""

        def read_image() -> ScannedImage:
            with self._progress.step(f"measure {label or reference}"):
                image = self._image_reader.read(reference, platform, self._layer_cache)
            # The layers of all images of a large repository do not fit into memory.
            self._layer_cache.keep_only(image.blobs)
            return image

        return _describe_failure(read_image)

    def evaluate(
        self,
        image: ScannedImage | MeasureFailure,
        name: str,
        stages: tuple[Stage, ...] = (),
        base_image: BaseImage | None = None,
        analysis: LayerAnalysis | None = None,
    ) -> Image | MeasureFailure:
        """Return the sizes of an image that was read, as `measure_image` does."""
        if isinstance(image, MeasureFailure):
            return image
        return _describe_failure(lambda: measure_image(image, name, stages, base_image, analysis))

    def analyse_common_layers(
        self, first: ScannedImage | MeasureFailure, second: ScannedImage | MeasureFailure
    ) -> LayerAnalysis | None:
        """Analyse the layers that two images begin with; None if one of them cannot be read."""
        if isinstance(first, MeasureFailure) or isinstance(second, MeasureFailure):
            return None
        layers = [[blob.layer for blob in image.blobs] for image in (first, second)]
        analysis = _describe_failure(lambda: analyse_common_layers(*layers))
        # What is wrong with the layers is said of each image that has them.
        return None if isinstance(analysis, MeasureFailure) else analysis


def _describe_failure(read: Callable[[], _Result]) -> _Result | MeasureFailure:
    """Return what was read of an image, or why it cannot be read."""
    try:
        return read()
    except (Unreadable, OSError) as problem:
        return MeasureFailure(_shorten(describe_cause(problem)))
    except _READING_DEFECTS as problem:
        return _describe_defect(problem)


def _describe_defect(problem: Exception) -> MeasureFailure:
    reason = f"it has a form that was not expected: {type(problem).__name__}: {problem}"
    return MeasureFailure(_shorten(reason))


def _shorten(reason: str) -> str:
    """Return a reason without most of a very long value that it quotes."""
    is_long = len(reason) > _MAX_REASON_LENGTH
    return f"{reason[:_MAX_REASON_LENGTH]} …" if is_long else reason
