"""Reports about images that exist already: nothing is built."""

from bot.budget.judge import ImageResult, image_or_none, image_verdict
from bot.compare.compare import compare_images
from bot.line.measurer import Measurer
from bot.model.image import MeasureFailure
from bot.model.report import ImageReport, ImageState, Mode, Report
from bot.model.spec import ImageSpec


def measure_reference(measurer: Measurer, reference: str, platform: str | None = None) -> Report:
    """One image."""
    head = measurer.measure(reference, platform=platform)
    return _make_report(Mode.MEASURE, reference, ImageState.NO_BASELINE, (None, head))


def diff_references(measurer: Measurer, old: str, new: str, platform: str | None = None) -> Report:
    """Two images of one platform, the second against the first."""
    before = measurer.measure(old, platform=platform)
    sides = before, measurer.measure(new, platform=platform or _get_platform(before))
    return _make_report(Mode.DIFF, new, ImageState.CHANGED, sides)


def _make_report(
    mode: Mode, name: str, state: ImageState, results: tuple[ImageResult, ImageResult]
) -> Report:
    reasons = [side.reason for side in results if isinstance(side, MeasureFailure)]
    base, head = (image_or_none(side) for side in results)
    settled = ImageState.MEASURE_FAILED if reasons else state
    image = ImageReport(
        spec=ImageSpec(name=name, dockerfile="", context=""),
        state=settled,
        verdict=image_verdict((), settled),
        comparison=compare_images(base, head),
        reason="; ".join(reasons) or None,
    )
    return Report(mode, (image,))


def _get_platform(result: ImageResult) -> str | None:
    """What the other side has to be, too."""
    image = image_or_none(result)
    return image.platform or None if image else None
