"""Limits for a warning that are above the limit beside them, so that they never warn."""

from collections.abc import Iterator

from bot.model.sizes import format_limit
from bot.model.spec import Budget, GrowthLimit, Limits


def find_useless_warnings(limits: Budget | Limits) -> Iterator[tuple[str, str]]:
    """Yield the key of each such limit and what is wrong with it."""
    max_size, warn_size = limits.max_size, limits.warn_size
    if max_size is not None and warn_size is not None and warn_size > max_size:
        yield "warn-size", f"it is above max-size ({format_limit(max_size)}), so it never warns"
    max_growth, warn_growth = limits.max_growth, limits.warn_growth
    if max_growth and warn_growth and _is_above(max_growth, warn_growth):
        yield "warn-growth", "it is above max-growth, so it never warns"


def _is_above(limit: GrowthLimit, other: GrowthLimit) -> bool:
    """Return True if another limit allows more for an image of any size."""
    parts = ((limit.bytes, other.bytes), (limit.percent, other.percent))
    return all(part is None or (other_part or 0) > part for part, other_part in parts)
