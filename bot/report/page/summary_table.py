"""The summary table at the top of the page: one row an image, the worst verdict first."""

from collections.abc import Callable, Sequence
from functools import partial

from bot.model.image import Metric
from bot.model.report import (
    MAX_GROWTH,
    MAX_LAYERS,
    MAX_SIZE,
    MAX_WASTE,
    WARN_GROWTH,
    WARN_SIZE,
    ImageReport,
    ImageState,
    Mode,
    Outcome,
    Report,
)
from bot.model.sizes import (
    format_change,
    format_limit,
    format_limit_percent,
    format_percent,
    format_size,
)
from bot.model.spec import Budget, GrowthLimit
from bot.report.page import image_facts
from bot.report.page.changed_rules import describe_dropped
from bot.report.page.limit_words import format_check_limit, format_list
from bot.report.page.named_causes import describe_cause
from bot.report.page.page_model import Phrase, Row, Strong, join_phrases

_UNKNOWN = "?"
_NOT_APPLICABLE = "—"
_UNBUILT_TEXT = "unchanged, not built"
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
    """Return the headers of the table's columns."""
    if not report.mode.has_two_sides:
        change = ("change",) if _has_comparison(report) else ()
        return ("image", "size → limit", *change, "wasted", "verdict")
    return ("image", "before → after → limit", "change", "verdict")


def find_number_columns(report: Report) -> frozenset[int]:
    """Return the positions of the columns that are aligned to the right."""
    names = list_columns(report)
    return frozenset(names.index(name) for name in ("change", "wasted") if name in names)


def make_rows(report: Report, images: Sequence[ImageReport]) -> tuple[Row, ...]:
    """Build a row for each image, in the given order."""
    if report.mode is Mode.ADVISE:
        # Without an image there is no size to show, only suggestions.
        images = [image for image in images if image.comparison.head]
    cells = (
        _choose_single_cells(with_change=_has_comparison(report))
        if "wasted" in list_columns(report)
        else partial(_make_review_cells, report)
    )
    return tuple(Row(image.verdict, cells(image)) for image in images)


def format_growth(image: ImageReport) -> Phrase:
    """Format the growth with its percentage, or the reason why it is unknown."""
    amount, base = image_facts.growth(image), image_facts.base_size(image)
    if amount is None or base is None:
        return (_STATE_CHANGE_TEXT.get(image.state, "unknown"),)
    percent = format_percent(amount, base) or ""
    # 1 kB of 900 MB rounds to "+0.00 %", which says nothing.
    is_shown = any(digit in percent for digit in "123456789")
    change = image_facts.mark_estimate(image, format_change(amount))
    return (change + (f" ({percent})" if is_shown else ""),)


def format_size_and_limit(image: ImageReport) -> Phrase:
    """Format the size of an image that is not compared, with its limits."""
    return (*_format_head_size(image), " → ", _format_limit(image))


def _make_review_cells(report: Report, image: ImageReport) -> tuple[Phrase, ...]:
    sizes: Phrase = (*_format_base_size(image), " → ", *_format_head_size(image))
    if image_facts.is_unchanged_unbuilt(image):
        sizes = (_UNBUILT_TEXT,)
    limit: Phrase = () if image.comparison.head is None else (" → ", _format_limit(image))
    return (
        (
            image_facts.label(image),
            *image_facts.describe_rename(image),
            *image_facts.name_older_image(report, image),
        ),
        (*sizes, *limit),
        format_growth(image),
        format_verdict(image),
    )


def _choose_single_cells(*, with_change: bool) -> Callable[[ImageReport], tuple[Phrase, ...]]:
    def cells(image: ImageReport) -> tuple[Phrase, ...]:
        head = image.comparison.head
        return (
            (image_facts.label(image),),
            format_size_and_limit(image),
            *((format_growth(image),) if with_change else ()),
            (format_size(head.wasted_bytes) if head else _UNKNOWN,),
            format_verdict(image),
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
    """Format the limits: `300 MB` for the size, `+10 MB` for the growth."""
    metric = image_facts.find_metric(image)
    # Of two limits of one name, that of the metric which the row shows.
    checks = sorted(image.checks, key=lambda check: check.metric.of_sizes is metric)
    limits = _list_set_limits(image.spec.budget)
    limits |= {check.name: format_check_limit(check) for check in checks if check.limit is not None}
    fails, warns = (
        format_list([limits[name] for name in names if limits.get(name)])
        for names in ((MAX_SIZE, MAX_GROWTH, MAX_WASTE, MAX_LAYERS), (WARN_SIZE, WARN_GROWTH))
    )
    parts = [fails, f"warning above {warns}" if warns else ""]
    return "; ".join(part for part in parts if part) or "no limit"


def _list_set_limits(budget: Budget) -> dict[str, str]:
    """Return the limits of a budget that are known without a size; those of layers never are."""
    sizes = {MAX_SIZE: budget.max_size, WARN_SIZE: budget.warn_size}
    growths = {MAX_GROWTH: budget.max_growth, WARN_GROWTH: budget.warn_growth}
    return {
        **{name: "" if limit is None else format_limit(limit) for name, limit in sizes.items()},
        **{name: _format_growth_budget(x, budget.metric) for name, x in growths.items()},
    }


def _format_growth_budget(growth: GrowthLimit | None, metric: Metric) -> str:
    if growth is None:
        return ""
    sign, suffix = ("", " to pull") if metric is Metric.PULL else ("+", "")
    parts = [f"{sign}{format_limit(growth.bytes)}"] if growth.bytes is not None else []
    if growth.percent is not None:
        parts.append(f"{sign}{format_limit_percent(growth.percent)} %")
    return " or ".join(parts) + suffix


def format_verdict(image: ImageReport) -> Phrase:
    """Say why an image has its verdict."""
    if image.state is ImageState.HEAD_BUILD_FAILED:
        fails_alike = image.failure is not None and image.failure.fails_at_base
        alike = ", nor does the base" if fails_alike else ""
        return join_phrases(
            [(f"{_STATE_VERDICT_TEXT[image.state]}{alike}",), describe_cause(image)], ": "
        )
    if image.state is ImageState.MEASURE_FAILED:
        reason: Phrase = (
            (": ", *image_facts.untrusted_prose(image.reason, 160)) if image.reason else ()
        )
        return (_STATE_VERDICT_TEXT[image.state], *reason)
    reasons = [*_format_state(image), *_format_checks(image)]
    if reasons:
        return join_phrases(reasons, "; ")
    return (_NOT_APPLICABLE if image_facts.is_passing(image) else "needs attention",)


def _format_state(image: ImageReport) -> list[Phrase]:
    text = _STATE_VERDICT_TEXT.get(image.state)
    phrases: list[Phrase] = [(text,) if text else (), describe_dropped(image)]
    return [phrase for phrase in phrases if phrase]


def _format_checks(image: ImageReport) -> list[Phrase]:
    if not image_facts.is_passing(image):
        deciding = image_facts.deciding_checks(image)
        return [image_facts.untrusted_prose(check.reason, 160) for check in deciding]
    skipped = [check for check in image.checks if check.result is Outcome.SKIP]
    passed = any(check.result is Outcome.PASS for check in image.checks)
    return [
        *([("within budget",)] if passed else []),
        *image_facts.explain_ignored_growth(image),
        *(("not checked: ", *image_facts.untrusted_prose(check.reason, 160)) for check in skipped),
    ]


def _has_comparison(report: Report) -> bool:
    return any(image.comparison.delta for image in report.images)
