"""The table at the top: one row an image, worst first."""

from collections.abc import Callable, Sequence

from bot.model.report import ImageReport, ImageState, Outcome, Report
from bot.model.sizes import format_change, format_limit, format_percent, format_size
from bot.model.spec import Budget, GrowthLimit
from bot.report.page import image_facts
from bot.report.page.page_model import Phrase, Row, Strong, join_phrases

_UNKNOWN = "?"
_NOT_APPLICABLE = "—"
_STATE_CHANGE_TEXT = {
    ImageState.NEW: "new",
    ImageState.REMOVED: "removed",
    ImageState.NO_BASELINE: "no baseline",
    ImageState.UNCHANGED: "±0 B",
}
_STATE_VERDICT_TEXT = {
    ImageState.HEAD_BUILD_FAILED: "does not build",
    ImageState.MEASURE_FAILED: "could not be measured",
    ImageState.BASE_BUILD_FAILED: "growth unknown: the base does not build",
}


def list_columns(report: Report) -> tuple[str, ...]:
    """The heads of the table's columns."""
    if report.mode in ("audit", "measure", "advise"):
        change = ("change",) if _has_comparison(report) else ()
        return ("image", "size → limit", *change, "wasted", "verdict")
    return ("image", "before → after → limit", "change", "verdict")


def find_number_columns(report: Report) -> frozenset[int]:
    """Which of them hold numbers that want to stand on the right."""
    names = list_columns(report)
    return frozenset(names.index(name) for name in ("change", "wasted") if name in names)


def make_rows(report: Report, images: Sequence[ImageReport]) -> tuple[Row, ...]:
    """A row for each image that deserves one, in the order given."""
    if report.mode == "advise":
        images = [image for image in images if image.comparison.head]
    cells = (
        _choose_audit_cells(with_change=_has_comparison(report))
        if "wasted" in list_columns(report)
        else _make_review_cells
    )
    return tuple(Row(image.verdict, cells(image)) for image in images)


def format_growth(image: ImageReport) -> Phrase:
    """The growth with its percentage, or the word for why there is none."""
    amount, base = image_facts.growth(image), image_facts.base_size(image)
    if amount is None or base is None:
        return (_STATE_CHANGE_TEXT.get(image.state, "unknown"),)
    percent = format_percent(amount, base) or ""
    told = any(digit in percent for digit in "123456789")
    return (format_change(amount) + (f" ({percent})" if told else ""),)


def _make_review_cells(image: ImageReport) -> tuple[Phrase, ...]:
    sizes = (*_format_base_size(image), " → ", *_format_head_size(image))
    limit: Phrase = () if image.comparison.head is None else (" → ", _format_limit(image))
    return (
        (image_facts.label(image),),
        (*sizes, *limit),
        format_growth(image),
        _format_verdict(image),
    )


def _choose_audit_cells(*, with_change: bool) -> Callable[[ImageReport], tuple[Phrase, ...]]:
    def cells(image: ImageReport) -> tuple[Phrase, ...]:
        head = image.comparison.head
        return (
            (image_facts.label(image),),
            (*_format_head_size(image), " → ", _format_limit(image)),
            *((format_growth(image),) if with_change else ()),
            (format_size(head.wasted_bytes) if head else _UNKNOWN,),
            _format_verdict(image),
        )

    return cells


def _format_base_size(image: ImageReport) -> Phrase:
    base = image_facts.base_size(image)
    if base is not None:
        return (image_facts.format_image_size(image, base, suffix=False),)
    return (_NOT_APPLICABLE if image.state is ImageState.NEW else _UNKNOWN,)


def _format_head_size(image: ImageReport) -> Phrase:
    head = image_facts.head_size(image)
    if head is not None:
        return (Strong(image_facts.format_image_size(image, head)),)
    return (_NOT_APPLICABLE if image.state is ImageState.REMOVED else _UNKNOWN,)


def _format_limit(image: ImageReport) -> str:
    """`300 MB` caps the size, `+10 MB` caps the growth."""
    judged = {check.name: check.limit for check in image.checks if check.limit is not None}
    parts = []
    cap = judged.get("max-size", image.spec.budget.max_size)
    if cap is not None:
        parts.append(format_limit(cap))
    if "max-growth" in judged:
        parts.append(f"+{format_limit(judged['max-growth'] or 0)}")
    elif growth := _format_growth_budget(image.spec.budget):
        parts.append(growth)
    return " and ".join(parts) or "no limit"


def _format_growth_budget(budget: Budget) -> str:
    growth = budget.max_growth or GrowthLimit()
    parts = [f"+{format_limit(growth.bytes)}"] if growth.bytes is not None else []
    parts += [f"+{growth.percent:g} %"] if growth.percent is not None else []
    return " or ".join(parts)


def _format_verdict(image: ImageReport) -> Phrase:
    if image.state is ImageState.HEAD_BUILD_FAILED:
        return (_STATE_VERDICT_TEXT[image.state],)
    if image.state is ImageState.MEASURE_FAILED:
        reason: Phrase = (
            (": ", *image_facts.untrusted_prose(image.reason, 160)) if image.reason else ()
        )
        return (_STATE_VERDICT_TEXT[image.state], *reason)
    said: list[Phrase] = (
        [(_STATE_VERDICT_TEXT[image.state],)] if image.state in _STATE_VERDICT_TEXT else []
    )
    if not image_facts.is_passing(image):
        said += [
            image_facts.untrusted_prose(check.reason, 160)
            for check in image_facts.deciding_checks(image)
        ]
        return join_phrases(said, "; ") or ("needs a look",)
    skipped = [check for check in image.checks if check.result is Outcome.SKIP]
    if any(check.result is Outcome.PASS for check in image.checks):
        said.append(("within budget",))
    said += [("not judged: ", *image_facts.untrusted_prose(check.reason, 160)) for check in skipped]
    return join_phrases(said, "; ") or (_NOT_APPLICABLE,)


def _has_comparison(report: Report) -> bool:
    return any(image.comparison.delta for image in report.images)
