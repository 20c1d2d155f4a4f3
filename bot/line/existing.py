"""Reports about images that exist already: nothing is built."""

from bot.budget.judge import Side, image_or_none, verdict
from bot.compare.compare import compare
from bot.line.measurer import Measurer
from bot.model.image import Unmeasured
from bot.model.report import ImageReport, Report, State
from bot.model.spec import ImageSpec


def measure_reference(measurer: Measurer, reference: str, platform: str | None = None) -> Report:
    """One image."""
    head = measurer.measure(reference, platform=platform)
    return _report("measure", reference, State.NO_BASELINE, (None, head))


def diff_references(measurer: Measurer, old: str, new: str, platform: str | None = None) -> Report:
    """Two images of one platform, the second against the first."""
    before = measurer.measure(old, platform=platform)
    sides = before, measurer.measure(new, platform=platform or _platform_of(before))
    return _report("diff", new, State.CHANGED, sides)


def _report(mode: str, name: str, state: State, sides: tuple[Side, Side]) -> Report:
    reasons = [side.reason for side in sides if isinstance(side, Unmeasured)]
    base, head = (image_or_none(side) for side in sides)
    settled = State.MEASURE_FAILED if reasons else state
    image = ImageReport(
        spec=ImageSpec(name=name, dockerfile="", context=""),
        state=settled,
        verdict=verdict((), settled),
        comparison=compare(base, head),
        reason="; ".join(reasons) or None,
    )
    return Report(mode, (image,))


def _platform_of(side: Side) -> str | None:
    """What the other side has to be, too."""
    image = image_or_none(side)
    return image.platform or None if image else None
