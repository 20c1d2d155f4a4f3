"""Each limit of a budget, applied to an image.

What exceeds `max-size` or `max-growth` fails, and what exceeds `warn-size` or `warn-growth` warns.
"""

from collections.abc import Iterator

from bot.model.check_names import HISTORY_CHECK
from bot.model.comparison import Comparison
from bot.model.metric import Metric
from bot.model.report import MAX_GROWTH, MAX_SIZE, WARN_GROWTH, WARN_SIZE, Check, Outcome
from bot.model.sizes import format_change, format_limit, format_size
from bot.model.spec import Budget, GrowthLimit

# The result of a check that lacks a growth to judge, and its reason.
UnknownGrowth = tuple[Outcome, str]


def check_sizes(comparison: Comparison, budget: Budget) -> Iterator[Check]:
    """Yield the checks of an image's size."""
    if comparison.head is None:
        return
    # A size is no download of an update, and reports have another name for it.
    metric = budget.metric.of_sizes
    size = comparison.head.size(metric)
    if budget.follows_size and budget.max_size is None:
        yield from _skip_size(size, metric)
    for name, limit in ((MAX_SIZE, budget.max_size), (WARN_SIZE, budget.warn_size)):
        if limit is None:
            continue
        result, reason = Outcome.PASS, f"{format_size(size)} of at most {format_limit(limit)}"
        if size > limit:
            result, reason = _judge_excess(name, comparison, budget, size - limit)
        is_auto = budget.follows_size and name == MAX_SIZE
        yield Check(name, metric, size, limit, result, reason, is_auto=is_auto)


def _skip_size(size: int, metric: Metric) -> Iterator[Check]:
    """Yield the checks of a limit that follows recorded sizes, where there are none."""
    reason = "no recorded size to follow"
    yield Check(MAX_SIZE, metric, size, None, Outcome.SKIP, reason, is_auto=True)
    reason = "max-size: auto was not judged: there are no recorded sizes here"
    yield Check(HISTORY_CHECK, metric, None, None, Outcome.WARN, reason)


def check_growths(
    comparison: Comparison, budget: Budget, unknown_growth: UnknownGrowth | None
) -> Iterator[Check]:
    """Yield the checks of an image's growth."""
    for name, limit in ((MAX_GROWTH, budget.max_growth), (WARN_GROWTH, budget.warn_growth)):
        if limit is not None:
            yield _check_growth(name, limit, comparison, budget, unknown_growth)


def growth_limit(growth: GrowthLimit, base_size: int) -> int | None:
    """Return the allowed growth in bytes; of two parts the larger one, since both must be exceeded.

    None if only a percentage is set and the base is empty.
    """
    parts = []
    if growth.bytes is not None:
        parts.append(growth.bytes)
    # Any percentage of nothing is nothing: it would fail each image that grows from an empty one.
    if growth.percent is not None and base_size:
        parts.append(int(base_size * growth.percent / 100))
    return max(parts, default=None)


def _judge_excess(
    name: str, comparison: Comparison, budget: Budget, excess_bytes: int
) -> tuple[Outcome, str]:
    """Warn about a limit that base exceeded, too, if the change adds almost nothing; else fail."""
    over = f"{format_size(excess_bytes)} over the limit"
    if name == WARN_SIZE:
        return Outcome.WARN, f"{over} for a warning"
    base, delta, metric = comparison.base, comparison.delta, budget.metric.of_sizes
    was_over = base is not None and base.size(metric) > (budget.max_size or 0)
    growth = delta.size(metric) if delta else 0
    # A pull request that fixes a comment must not be red for what the branch below it has.
    if was_over and growth <= budget.ignore_below:
        return Outcome.WARN, f"{over}, as it was before this change ({format_change(growth)})"
    return Outcome.FAIL, over


def _check_growth(
    name: str,
    allowed: GrowthLimit,
    comparison: Comparison,
    budget: Budget,
    unknown_growth: UnknownGrowth | None,
) -> Check:
    base, delta, metric = comparison.base, comparison.delta, budget.metric
    if unknown_growth or base is None or delta is None:
        result, reason = unknown_growth or (Outcome.WARN, "the growth could not be judged")
        return Check(name, metric, None, allowed.bytes, result, reason)
    limit = growth_limit(allowed, base.size(metric))
    growth = delta.size(metric)
    if limit is None:
        reason = "the growth could not be judged: a percentage of an empty base image is no limit"
        return Check(name, metric, growth, None, Outcome.WARN, reason)
    return Check(name, metric, growth, limit, *_judge_growth(name, growth, limit, budget))


def format_growth(growth: int, metric: Metric) -> str:
    """Format a growth by a metric: `+12.4 MB`, or `12.4 MB to pull`."""
    return f"{format_size(growth)} to pull" if metric is Metric.PULL else format_change(growth)


def _judge_growth(name: str, growth: int, limit: int, budget: Budget) -> tuple[Outcome, str]:
    text, is_pull = format_growth(growth, budget.metric), budget.metric is Metric.PULL
    allowed = ("" if is_pull else "+") + format_limit(limit)
    if growth <= limit:
        return Outcome.PASS, f"{text}{',' if is_pull else ''} of at most {allowed}"
    # After the limit: `ignore-below` above it makes the limit lenient, and the reason says so.
    if growth <= budget.ignore_below:
        ignored = format_limit(budget.ignore_below)
        return Outcome.PASS, f"{text} is within what the budget ignores ({ignored})"
    surplus = f"{format_size(growth - limit)} more{' to pull' if is_pull else ''}"
    excess = f"{surplus} than the {allowed} allowed"
    if name == WARN_GROWTH:
        return Outcome.WARN, f"{excess} without a warning"
    return Outcome.FAIL, excess
