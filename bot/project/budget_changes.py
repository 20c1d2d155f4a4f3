"""Two budgets in words: each limit before and after, and whether it allows more than before."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from bot.model.report import GateChange, GateKind, Outcome
from bot.model.sizes import format_limit, format_limit_percent
from bot.model.spec import Budget, GrowthLimit
from bot.project.option_values import AUTO

NOTHING = "none"
Limit = TypeVar("Limit")
_LimitChange = tuple[str, str, Outcome]  # before, after, and whether it may loosen


def compare_budgets(base: Budget, head: Budget, name: str, file: str) -> Iterator[GateChange]:
    """Yield each difference between two budgets; `name` says of which images (`all images`)."""
    yield from _compare_limits(base, head, name, file)
    if base.ignore_below != head.ignore_below:
        subject = f"the growth that is ignored (ignore-below) of {name}"
        texts = _format_pair(_format_size_limit, base.ignore_below, head.ignore_below)
        result = _rate(is_looser=head.ignore_below > base.ignore_below)
        yield GateChange(GateKind.IGNORE_BELOW, subject, *texts, result, file)
    if base.metric is not head.metric:
        subject, texts = f"the metric of {name}", (base.metric.value, head.metric.value)
        # Of two metrics neither is stricter for every image.
        yield GateChange(GateKind.METRIC, subject, *texts, Outcome.WARN, file)


def _compare_limits(base: Budget, head: Budget, name: str, file: str) -> Iterator[GateChange]:
    for noun, change in (
        ("the size limit", _compare_max_sizes(base, head)),
        ("the recorded sizes (ratchet-runs) of the size limit", _compare_runs(base, head)),
        ("the size limit for a warning", _compare_sizes(base.warn_size, head.warn_size)),
        ("the growth limit", _compare_growths(base.max_growth, head.max_growth)),
        ("the growth limit for a warning", _compare_growths(base.warn_growth, head.warn_growth)),
        ("the limit on waste (max-waste)", _compare_growths(base.max_waste, head.max_waste)),
        ("the limit on layers (max-layers)", _compare_counts(base.max_layers, head.max_layers)),
    ):
        if change is not None:
            yield GateChange(GateKind.LIMIT, f"{noun} of {name}", *change, file)


def _compare_max_sizes(base: Budget, head: Budget) -> _LimitChange | None:
    """Compare the limits; of a number and recorded sizes, nobody knows which allows more."""
    if base.follows_size is head.follows_size:
        return None if base.follows_size else _compare_sizes(base.max_size, head.max_size)
    before, after = (
        AUTO if budget.follows_size else _format_size_limit(budget.max_size, format_limit)
        for budget in (base, head)
    )
    # Only where base had no limit at all can recorded sizes not allow more than before.
    return before, after, _rate(is_looser=base.follows_size or base.max_size is not None)


def _compare_runs(base: Budget, head: Budget) -> _LimitChange | None:
    """Compare how many sizes are followed: the smallest of fewer may be larger."""
    old, new = base.ratchet_runs, head.ratchet_runs
    if not (base.follows_size and head.follows_size) or old == new:
        return None
    return str(old), str(new), _rate(is_looser=new < old)


def _compare_sizes(base: int | None, head: int | None) -> _LimitChange | None:
    if base == head:
        return None
    texts = _format_pair(_format_size_limit, base, head)
    return *texts, _rate(is_looser=allows_larger(base, head))


def _compare_counts(base: int | None, head: int | None) -> _LimitChange | None:
    if base == head:
        return None
    before, after = (NOTHING if limit is None else str(limit) for limit in (base, head))
    return before, after, _rate(is_looser=allows_larger(base, head))


def _compare_growths(base: GrowthLimit | None, head: GrowthLimit | None) -> _LimitChange | None:
    if base == head:
        return None
    texts = _format_pair(describe_growth_limit, base, head)
    return *texts, _rate(is_looser=allows_more_growth(base, head))


def _rate(*, is_looser: bool) -> Outcome:
    return Outcome.WARN if is_looser else Outcome.PASS


def _format_pair(
    format_limits: Callable[[Limit, Callable[[int], str]], str], base: Limit, head: Limit
) -> tuple[str, str]:
    """Format two values with three digits, or with all of them if those are the same."""
    # "300 MB → 300 MB" would hide a change of a few bytes.
    before, after = format_limits(base, format_limit), format_limits(head, format_limit)
    if before != after:
        return before, after
    return format_limits(base, _format_exactly), format_limits(head, _format_exactly)


def _format_exactly(size: int) -> str:
    return f"{size:,} B"


def _format_size_limit(limit: int | None, format_bytes: Callable[[int], str]) -> str:
    return NOTHING if limit is None else format_bytes(limit)


def describe_growth_limit(limit: GrowthLimit | None, format_bytes: Callable[[int], str]) -> str:
    """Return a limit in words; of two parts the larger one counts, so they are joined by `or`."""
    if limit is None:
        return NOTHING
    parts = [] if limit.bytes is None else [format_bytes(limit.bytes)]
    parts += [] if limit.percent is None else [f"{format_limit_percent(limit.percent)} %"]
    return " or ".join(parts)


def allows_larger(base: int | None, head: int | None) -> bool:
    """Return True if the new limit on sizes is above the old one, or gone."""
    return base is not None and (head is None or head > base)


def allows_more_growth(base: GrowthLimit | None, head: GrowthLimit | None) -> bool:
    """Return True unless the new limit is at most the old one for an image of any size.

    Of two parts the larger one counts, so neither may be higher than before.
    """
    if base is None or head is None:
        return base is not None
    return (head.bytes or 0) > (base.bytes or 0) or (head.percent or 0) > (base.percent or 0)
