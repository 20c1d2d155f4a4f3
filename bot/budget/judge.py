"""The budget applied to a comparison: checks and verdict.

A check that cannot be made is skipped, with the reason.
"""

from bot.budget.both_rules import merge_checks
from bot.model.comparison import Comparison
from bot.model.image import BuildFailure, Image, MeasureFailure
from bot.model.report import Check, ImageState, Outcome
from bot.model.sizes import format_change, format_limit, format_size
from bot.model.spec import Budget, GrowthLimit

_NO_GROWTH_REASONS = {
    ImageState.NEW: "the image is new, so there is nothing to grow from",
    ImageState.NO_BASELINE: "there is no base revision to compare with",
    ImageState.BASE_BUILD_FAILED: "the base could not be built, so the growth is unknown",
}
# Fail closed: an image that could not be judged is never green; an unknown growth warns.
_STATE_VERDICTS = {
    ImageState.HEAD_BUILD_FAILED: Outcome.ERROR,
    ImageState.MEASURE_FAILED: Outcome.ERROR,
    ImageState.BASE_BUILD_FAILED: Outcome.WARN,
}


# The result of building and measuring one side; None for a side that does not exist.
ImageResult = Image | BuildFailure | MeasureFailure | None


def image_or_none(result: ImageResult) -> Image | None:
    """Return the measured image of a side, if there is one."""
    return result if isinstance(result, Image) else None


def final_state(
    planned_state: ImageState, base: ImageResult, head: ImageResult
) -> tuple[ImageState, str | None, tuple[str, ...]]:
    """Return the state, its reason and the log's last lines, once both sides were tried."""
    if isinstance(head, BuildFailure):
        return ImageState.HEAD_BUILD_FAILED, head.reason, head.log
    for side, name in ((head, ""), (base, "the base revision: ")):
        if isinstance(side, MeasureFailure):
            return ImageState.MEASURE_FAILED, name + side.reason, ()
    if isinstance(base, BuildFailure):
        return ImageState.BASE_BUILD_FAILED, base.reason, base.log
    if isinstance(base, Image) and isinstance(head, Image) and base.image_id == head.image_id:
        return ImageState.UNCHANGED, None, ()
    return planned_state, None, ()


def check_budgets(
    comparison: Comparison,
    budgets: tuple[Budget, Budget | None],
    state: ImageState,
    skip_growth_reason: str = "",
) -> tuple[Check, ...]:
    """Return the checks of one image by head's rules and by base's, if there are any of base.

    `skip_growth_reason` is set for events that do not judge growth, such as a push to the default
    branch.
    """
    head, base = budgets
    by_head = check_budget(comparison, head, state, skip_growth_reason)
    if base is None or base == head:
        return by_head
    return merge_checks(by_head, check_budget(comparison, base, state, skip_growth_reason))


def check_budget(
    comparison: Comparison, budget: Budget, state: ImageState, skip_growth_reason: str = ""
) -> tuple[Check, ...]:
    """Return the checks of one image by one budget."""
    if comparison.head is None:
        return ()
    checks = (
        _check_max_size(comparison, budget),
        _check_max_growth(
            comparison, budget, skip_growth_reason or _NO_GROWTH_REASONS.get(state, "")
        ),
    )
    return tuple(check for check in checks if check)


def image_verdict(
    checks: tuple[Check, ...], state: ImageState, *, is_dropped: bool = False
) -> Outcome:
    """Return the worst outcome of an image's checks and of its state; a dropped image warns."""
    state_verdict = _STATE_VERDICTS.get(state, Outcome.PASS)
    dropped = Outcome.WARN if is_dropped else Outcome.PASS
    return Outcome.worst((state_verdict, dropped, *(check.result for check in checks)))


def growth_limit(growth: GrowthLimit, base_size: int) -> int | None:
    """Return the allowed growth in bytes; of two parts the larger one, since both must be exceeded.

    None if only a percentage is set and the base is empty.
    """
    parts = []
    if growth.bytes is not None:
        parts.append(growth.bytes)
    if growth.percent is not None and base_size:
        parts.append(int(base_size * growth.percent / 100))
    return max(parts, default=None)


def _check_max_size(comparison: Comparison, budget: Budget) -> Check | None:
    head, limit = comparison.head, budget.max_size
    if head is None or limit is None:
        return None
    size = head.size(budget.metric)
    result, reason = Outcome.PASS, f"{format_size(size)} of at most {format_limit(limit)}"
    if size > limit:
        result, reason = _judge_excess(comparison, budget, size - limit)
    return Check("max-size", budget.metric, size, limit, result, reason)


def _judge_excess(comparison: Comparison, budget: Budget, excess_bytes: int) -> tuple[Outcome, str]:
    """Warn about a limit that base exceeded, too, if the change adds almost nothing; else fail."""
    over = f"{format_size(excess_bytes)} over the limit"
    base, delta = comparison.base, comparison.delta
    was_over = base is not None and base.size(budget.metric) > (budget.max_size or 0)
    growth = delta.size(budget.metric) if delta else 0
    if was_over and growth <= budget.ignore_below:
        return Outcome.WARN, f"{over}, as it was before this change ({format_change(growth)})"
    return Outcome.FAIL, over


def _check_max_growth(comparison: Comparison, budget: Budget, skip_reason: str) -> Check | None:
    if budget.max_growth is None:
        return None
    base, delta, metric = comparison.base, comparison.delta, budget.metric
    if skip_reason or base is None or delta is None:
        return Check("max-growth", metric, None, budget.max_growth.bytes, Outcome.SKIP, skip_reason)
    limit = growth_limit(budget.max_growth, base.size(budget.metric))
    growth = delta.size(budget.metric)
    if limit is None:
        reason = "a percentage of an empty base image is no limit"
        return Check("max-growth", metric, growth, None, Outcome.SKIP, reason)
    return Check(
        "max-growth", metric, growth, limit, *_judge_growth(growth, limit, budget.ignore_below)
    )


def _judge_growth(growth: int, limit: int, ignore_below: int) -> tuple[Outcome, str]:
    if growth <= limit:
        return Outcome.PASS, f"{format_change(growth)} of at most +{format_limit(limit)}"
    if growth <= ignore_below:
        return Outcome.PASS, f"{format_change(growth)} is below what the budget ignores"
    return (
        Outcome.FAIL,
        f"{format_size(growth - limit)} more than the +{format_limit(limit)} allowed",
    )
