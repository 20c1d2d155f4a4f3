"""The table at the top: one row an image, worst first."""

from collections.abc import Callable, Sequence

from bot.model.report import ImageReport, Outcome, Report, State
from bot.model.sizes import show_change, show_limit, show_percent, show_size
from bot.model.spec import Budget, Growth
from bot.report.page import image_facts
from bot.report.page.page_model import Phrase, Row, Strong, join

_UNKNOWN = "?"
_NONE = "—"
_CHANGE = {
    State.NEW: "new",
    State.REMOVED: "removed",
    State.NO_BASELINE: "no baseline",
    State.UNCHANGED: "±0 B",
}
_VERDICT = {
    State.HEAD_BUILD_FAILED: "does not build",
    State.MEASURE_FAILED: "could not be measured",
    State.BASE_BUILD_FAILED: "growth unknown: the base does not build",
}


def columns(report: Report) -> tuple[str, ...]:
    """The heads of the table's columns."""
    if report.mode in ("audit", "measure", "advise"):
        change = ("change",) if _since(report) else ()
        return ("image", "size → limit", *change, "wasted", "verdict")
    return ("image", "before → after → limit", "change", "verdict")


def number_columns(report: Report) -> frozenset[int]:
    """Which of them hold numbers that want to stand on the right."""
    names = columns(report)
    return frozenset(names.index(name) for name in ("change", "wasted") if name in names)


def rows(report: Report, shown: Sequence[ImageReport]) -> tuple[Row, ...]:
    """A row for each image that deserves one, in the order given."""
    if report.mode == "advise":
        shown = [image for image in shown if image.comparison.head]
    cells = _audit_cells(since=_since(report)) if "wasted" in columns(report) else _review_cells
    return tuple(Row(image.verdict, cells(image)) for image in shown)


def change(image: ImageReport) -> Phrase:
    """The growth with its percentage, or the word for why there is none."""
    amount, base = image_facts.growth(image), image_facts.before(image)
    if amount is None or base is None:
        return (_CHANGE.get(image.state, "unknown"),)
    percent = show_percent(amount, base) or ""
    told = any(digit in percent for digit in "123456789")
    return (show_change(amount) + (f" ({percent})" if told else ""),)


def _review_cells(image: ImageReport) -> tuple[Phrase, ...]:
    sizes = (*_before(image), " → ", *_after(image))
    limit: Phrase = () if image.comparison.head is None else (" → ", _limit(image))
    return ((image_facts.label(image),), (*sizes, *limit), change(image), _verdict(image))


def _audit_cells(*, since: bool) -> Callable[[ImageReport], tuple[Phrase, ...]]:
    def cells(image: ImageReport) -> tuple[Phrase, ...]:
        head = image.comparison.head
        return (
            (image_facts.label(image),),
            (*_after(image), " → ", _limit(image)),
            *((change(image),) if since else ()),
            (show_size(head.wasted_bytes) if head else _UNKNOWN,),
            _verdict(image),
        )

    return cells


def _before(image: ImageReport) -> Phrase:
    base = image_facts.before(image)
    if base is not None:
        return (image_facts.size(image, base, suffix=False),)
    return (_NONE if image.state is State.NEW else _UNKNOWN,)


def _after(image: ImageReport) -> Phrase:
    head = image_facts.after(image)
    if head is not None:
        return (Strong(image_facts.size(image, head)),)
    return (_NONE if image.state is State.REMOVED else _UNKNOWN,)


def _limit(image: ImageReport) -> str:
    """`300 MB` caps the size, `+10 MB` caps the growth."""
    judged = {check.name: check.limit for check in image.checks if check.limit is not None}
    parts = []
    cap = judged.get("max-size", image.spec.budget.max_size)
    if cap is not None:
        parts.append(show_limit(cap))
    if "max-growth" in judged:
        parts.append(f"+{show_limit(judged['max-growth'] or 0)}")
    elif growth := _growth_budget(image.spec.budget):
        parts.append(growth)
    return " and ".join(parts) or "no limit"


def _growth_budget(budget: Budget) -> str:
    growth = budget.max_growth or Growth()
    parts = [f"+{show_limit(growth.bytes)}"] if growth.bytes is not None else []
    parts += [f"+{growth.percent:g} %"] if growth.percent is not None else []
    return " or ".join(parts)


def _verdict(image: ImageReport) -> Phrase:
    if image.state is State.HEAD_BUILD_FAILED:
        return (_VERDICT[image.state],)
    if image.state is State.MEASURE_FAILED:
        reason: Phrase = (": ", *image_facts.prose(image.reason, 160)) if image.reason else ()
        return (_VERDICT[image.state], *reason)
    said: list[Phrase] = [(_VERDICT[image.state],)] if image.state in _VERDICT else []
    if not image_facts.passes(image):
        said += [image_facts.prose(check.reason, 160) for check in image_facts.broken(image)]
        return join(said, "; ") or ("needs a look",)
    skipped = [check for check in image.checks if check.result is Outcome.SKIP]
    if any(check.result is Outcome.PASS for check in image.checks):
        said.append(("within budget",))
    said += [("not judged: ", *image_facts.prose(check.reason, 160)) for check in skipped]
    return join(said, "; ") or (_NONE,)


def _since(report: Report) -> bool:
    return any(image.comparison.delta for image in report.images)
