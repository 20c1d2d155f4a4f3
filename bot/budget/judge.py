"""Holds a comparison against a budget. A check that cannot be made says `skip`, and why."""

from bot.model.comparison import Comparison
from bot.model.image import BuildFailed, Image, Unmeasured
from bot.model.report import Check, Outcome, State
from bot.model.sizes import show_change, show_limit, show_size
from bot.model.spec import Budget, Growth

_NO_BASE = {
    State.NEW: "the image is new, so there is nothing to grow from",
    State.NO_BASELINE: "there is no base revision to compare with",
    State.BASE_BUILD_FAILED: "the base could not be built, so the growth is unknown",
}
# A failure of the machinery is never silently green (field: "fail closed"); an unknown growth warns.
_VERDICT_OF_STATE = {
    State.HEAD_BUILD_FAILED: Outcome.ERROR,
    State.MEASURE_FAILED: Outcome.ERROR,
    State.BASE_BUILD_FAILED: Outcome.WARN,
}


# What building and measuring one side came to; None for a side that there is not.
Side = Image | BuildFailed | Unmeasured | None


def image_or_none(side: Side) -> Image | None:
    """The measured image of a side, where there is one."""
    return side if isinstance(side, Image) else None


def settle(planned: State, base: Side, head: Side) -> tuple[State, str | None, tuple[str, ...]]:
    """What became of an image once both sides were tried: state, reason, the log's last lines."""
    if isinstance(head, BuildFailed):
        return State.HEAD_BUILD_FAILED, head.reason, head.log
    for side, name in ((head, ""), (base, "the base revision: ")):
        if isinstance(side, Unmeasured):
            return State.MEASURE_FAILED, name + side.reason, ()
    if isinstance(base, BuildFailed):
        return State.BASE_BUILD_FAILED, base.reason, base.log
    if isinstance(base, Image) and isinstance(head, Image) and base.image_id == head.image_id:
        return State.UNCHANGED, None, ()
    return planned, None, ()


def judge(
    comparison: Comparison, budget: Budget, state: State, skip_growth: str = ""
) -> tuple[Check, ...]:
    """The checks of one image. `skip_growth` is the reason why this event does not judge growth."""
    if comparison.head is None:
        return ()
    checks = (
        _max_size(comparison, budget),
        _max_growth(comparison, budget, skip_growth or _NO_BASE.get(state, "")),
    )
    return tuple(check for check in checks if check)


def verdict(checks: tuple[Check, ...], state: State) -> Outcome:
    """The worst of an image's checks and of its state."""
    order = list(Outcome)
    results = [check.result for check in checks]
    results.append(_VERDICT_OF_STATE.get(state, Outcome.PASS))
    return max((result for result in results if result is not Outcome.SKIP), key=order.index)


def growth_limit(growth: Growth, base_size: int) -> int | None:
    """The growth allowed, in bytes. Exceeding both parts means exceeding the larger one."""
    parts = []
    if growth.bytes is not None:
        parts.append(growth.bytes)
    if growth.percent is not None and base_size:
        parts.append(int(base_size * growth.percent / 100))
    return max(parts, default=None)


def _max_size(comparison: Comparison, budget: Budget) -> Check | None:
    head, limit = comparison.head, budget.max_size
    if head is None or limit is None:
        return None
    size = head.size(budget.metric)
    result, reason = Outcome.PASS, f"{show_size(size)} of at most {show_limit(limit)}"
    if size > limit:
        result, reason = _over_cap(comparison, budget, size - limit)
    return Check("max-size", budget.metric.field_name, size, limit, result, reason)


def _over_cap(comparison: Comparison, budget: Budget, excess: int) -> tuple[Outcome, str]:
    """A debt that the change did not add, or barely touched, warns; anything else fails."""
    over = f"{show_size(excess)} over the limit"
    base, delta = comparison.base, comparison.delta
    was_over = base is not None and base.size(budget.metric) > (budget.max_size or 0)
    growth = delta.size(budget.metric) if delta else 0
    if was_over and growth <= budget.ignore_below:
        return Outcome.WARN, f"{over}, as it was before this change ({show_change(growth)})"
    return Outcome.FAIL, over


def _max_growth(comparison: Comparison, budget: Budget, skip: str) -> Check | None:
    if budget.max_growth is None:
        return None
    base, delta, metric = comparison.base, comparison.delta, budget.metric.field_name
    if skip or base is None or delta is None:
        return Check("max-growth", metric, None, budget.max_growth.bytes, Outcome.SKIP, skip)
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
        return Outcome.PASS, f"{show_change(growth)} of at most +{show_limit(limit)}"
    if growth <= ignore_below:
        return Outcome.PASS, f"{show_change(growth)} is below what the budget ignores"
    return Outcome.FAIL, f"{show_size(growth - limit)} more than the +{show_limit(limit)} allowed"
