"""Reports on images that exist already: nothing is built."""

from bot.budget.judge import ImageResult, image_or_none, image_verdict
from bot.compare.compare import compare_images
from bot.line.measurer import Measurer
from bot.model.image import MeasureFailure
from bot.model.report import ImageReport, ImageState, Mode, Report
from bot.model.spec import ImageSpec


def measure_reference(measurer: Measurer, reference: str, platform: str | None = None) -> Report:
    """Report on one image."""
    head = measurer.measure(reference, platform=platform)
    return _make_report(Mode.MEASURE, reference, ImageState.NO_BASELINE, (None, head))


def diff_references(measurer: Measurer, old: str, new: str, platform: str | None = None) -> Report:
    """Compare the second of two images with the first; both are of one platform."""
    base = measurer.measure(old, platform=platform)
    # An index has an image for each platform: without --platform, both must be the same one.
    head = measurer.measure(new, platform=platform or _get_platform(base))
    return _make_report(Mode.DIFF, new, ImageState.CHANGED, (base, head))


def _make_report(
    mode: Mode, name: str, state: ImageState, results: tuple[ImageResult, ImageResult]
) -> Report:
    reasons = [result.reason for result in results if isinstance(result, MeasureFailure)]
    base, head = (image_or_none(result) for result in results)
    final_state = ImageState.MEASURE_FAILED if reasons else state
    image = ImageReport(
        spec=ImageSpec(name=name, dockerfile="", context=""),
        state=final_state,
        verdict=image_verdict((), final_state),
        comparison=compare_images(base, head),
        reason="; ".join(reasons) or None,
    )
    return Report(mode, (image,))


def _get_platform(result: ImageResult) -> str | None:
    image = image_or_none(result)
    return image.platform or None if image else None
