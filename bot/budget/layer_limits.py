"""The limits on an image's layers: on what those of the Dockerfile waste, and on their number.

Where it is not known which layers are the base image's, all count as the Dockerfile's. An approval
lifts neither limit.
"""

from collections.abc import Iterator

from bot.model.comparison import Comparison
from bot.model.image import Image
from bot.model.metric import Metric
from bot.model.report import MAX_LAYERS, MAX_WASTE, Check, Outcome
from bot.model.sizes import (
    format_change,
    format_count,
    format_limit,
    format_limit_percent,
    format_size,
)
from bot.model.spec import Budget, GrowthLimit

_UNKNOWN_BASE = ", with that of its base image, which is not known"


def check_layers(comparison: Comparison, budget: Budget) -> Iterator[Check]:
    """Yield the checks of an image's waste and of its number of layers."""
    base, head = comparison.base, comparison.head
    if head is None:
        return
    if budget.max_waste is not None:
        yield _check_waste(base, head, budget.max_waste, budget.ignore_below)
    if budget.max_layers is not None:
        yield _check_count(base, head, budget.max_layers)


def waste_limit(allowed: GrowthLimit, image: Image) -> int:
    """Return the allowed waste in bytes; of two parts the larger one, since both must be exceeded.

    A percentage is of what the Dockerfile adds.
    """
    parts = [] if allowed.bytes is None else [allowed.bytes]
    if allowed.percent is not None:
        parts.append(int(_own_bytes(image) * allowed.percent / 100))
    return max(parts, default=0)


def _own_bytes(image: Image) -> int:
    return image.unpacked_bytes if image.own_bytes is None else image.own_bytes


def _check_waste(base: Image | None, head: Image, allowed: GrowthLimit, ignored: int) -> Check:
    waste, limit = head.own_wasted_bytes, waste_limit(allowed, head)
    text = f"{format_size(waste)} of waste"
    if head.own_bytes is None and waste:
        text += _UNKNOWN_BASE
    if waste <= limit:
        reason = f"{text}, of at most {_format_waste_limit(allowed, limit, head)}"
        return _make_check(MAX_WASTE, waste, limit, Outcome.PASS, reason)
    reason = f"{text}, {format_size(waste - limit)} over the limit"
    if base is None or not _is_waste_comparable(base, head):
        return _make_check(MAX_WASTE, waste, limit, Outcome.FAIL, reason)
    added = waste - base.own_wasted_bytes
    # With a limit in percent each side has its own: base must have been over its own, too.
    is_old = base.own_wasted_bytes > waste_limit(allowed, base) and added <= ignored
    return _judge_excess(MAX_WASTE, (waste, limit), reason, format_change(added) if is_old else "")


def _is_waste_comparable(base: Image, head: Image) -> bool:
    """Return True unless the waste of a base image counts on one side alone."""
    # A base image that is known on one side only (its tag has moved, its registry is down) would
    # make waste appear or vanish that no change made.
    return (base.own_bytes is None) is (head.own_bytes is None)


def _format_waste_limit(allowed: GrowthLimit, limit: int, image: Image) -> str:
    if allowed.percent is None or limit == allowed.bytes:
        return format_limit(limit)
    percent = format_limit_percent(allowed.percent)
    return f"{format_size(limit)} ({percent} % of {format_size(_own_bytes(image))})"


def _check_count(base: Image | None, head: Image, limit: int) -> Check:
    count, text = len(head.layers), format_count(len(head.layers), "layer")
    if count <= limit:
        return _make_check(MAX_LAYERS, count, limit, Outcome.PASS, f"{text}, of at most {limit}")
    reason = f"{text}, {count - limit} over the limit"
    is_old = base is not None and count <= len(base.layers)
    return _judge_excess(MAX_LAYERS, (count, limit), reason, "no layer added" if is_old else "")


def _judge_excess(name: str, numbers: tuple[int, int], reason: str, old_change: str) -> Check:
    """Warn about a limit that base exceeded, too, and by as much (`old_change`); else fail."""
    if not old_change:
        return _make_check(name, *numbers, Outcome.FAIL, reason)
    reason = f"{reason}, as it was before this change ({old_change})"
    return _make_check(name, *numbers, Outcome.WARN, reason)


def _make_check(name: str, observed: int, limit: int, result: Outcome, reason: str) -> Check:
    # Neither limit depends on the metric of the budget, and base's and head's are the same limit.
    return Check(name, Metric.UNPACKED, observed, limit, result, reason)
