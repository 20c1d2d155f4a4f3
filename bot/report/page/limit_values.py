"""The values to write for limits, so that what was measured passes with a margin."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.model.comparison import BaseOrHead
from bot.model.report import (
    MAX_GROWTH,
    MAX_LAYERS,
    MAX_WASTE,
    WARN_GROWTH,
    Check,
    ImageReport,
)
from bot.model.sizes import propose_limit, propose_percent_limit
from bot.model.spec import Budget, GrowthLimit
from bot.report.page.image_facts import identify_entry
from bot.report.page.limit_words import find_percent

# A growth to more than that is no percentage that anybody would set.
_MAX_FACTOR = 10
# What serves all may be that much higher than what most need.
_MAX_SPREAD = 1.5
_GROWTH_LIMITS: Mapping[str, Callable[[Budget], GrowthLimit | None]] = {
    MAX_GROWTH: lambda budget: budget.max_growth,
    WARN_GROWTH: lambda budget: budget.warn_growth,
    MAX_WASTE: lambda budget: budget.max_waste,
}


@dataclass(frozen=True, slots=True)
class LimitValue:
    """The number that a limit has to allow.

    `base_bytes` is the size that the limit is a percentage of; 0 for any other limit. `is_common`
    if the file sets the limit at its top level, where another one holds for all images.
    """

    number: int
    base_bytes: int = 0
    is_common: bool = False


# The values of limits by their names.
Values = Mapping[str, LimitValue]
# An image of the configuration with its values: of several platforms, the first one.
Entry = tuple[ImageReport, Values]


def find_value(image: ImageReport, check: Check) -> LimitValue:
    """Return what a limit has to allow, with the possible error of an estimate."""
    observed = (check.observed or 0) + 2 * check.margin
    base, size = image.comparison.base, 0
    if base is not None and find_percent(image, check) is not None:
        size = base.size(check.metric)
        size = size if observed <= _MAX_FACTOR * size else 0
    return LimitValue(observed, size, _is_common(image, check, has_percent=size > 0))


def _is_common(image: ImageReport, check: Check, *, has_percent: bool) -> bool:
    """Return True if a limit can be raised at the top level of its file, and is lower nowhere."""
    is_bases = image.base_budget is not None and check.source is not BaseOrHead.HEAD
    budget = image.base_budget if is_bases and image.base_budget else image.spec.budget
    if check.is_auto or check.name not in budget.common:
        return False
    read = _GROWTH_LIMITS.get(check.name)
    limit = read(budget) if read else None
    # Bytes in place of a percentage may be less for a larger image.
    return has_percent or limit is None or limit.percent is None


def share_values(entries: Sequence[Entry]) -> tuple[Values, list[Entry]] | None:
    """Return the values that let most entries pass at the top level, and the other entries.

    They are not much higher than what most need; None if there are no such values.
    """
    common = [values for _, values in entries if all(x.is_common for x in values.values())]
    counts = Counter(map(format_budget, common))
    usual = max(common, key=lambda values: _rank(values, counts), default={})
    served = [entry for entry in entries if _is_served(entry[1], usual)]
    others = [entry for entry in entries if not _is_served(entry[1], usual)]
    return (merge_values(values for _, values in served), others) if served else None


def _rank(values: Values, counts: Mapping[str, int]) -> tuple[int, int]:
    """Return how many images need values; of as many, the larger ones count."""
    return counts[format_budget(values)], sum(value.number for value in values.values())


def _is_served(values: Values, usual: Values) -> bool:
    """Return True if values at the top level serve an image, or would if a little higher."""
    return all(
        value.is_common and name in usual and _is_close(value, usual[name])
        for name, value in values.items()
    )


def _is_close(value: LimitValue, usual: LimitValue) -> bool:
    """Return True if a value is not much higher than the usual one; a percentage is no size."""
    if bool(value.base_bytes) != bool(usual.base_bytes):
        return False
    # Both are divided by their bases.
    return value.number * (usual.base_bytes or 1) <= _MAX_SPREAD * usual.number * (
        value.base_bytes or 1
    )


def merge_values(parts: Iterable[Values]) -> dict[str, LimitValue]:
    """Return the values that hold all of some: of two of one name the larger one."""
    merged: dict[str, LimitValue] = {}
    for values in parts:
        for name, value in values.items():
            merged[name] = _choose_larger(merged.get(name, value), value)
    return merged


def list_entries(parts: Sequence[Entry]) -> list[Entry]:
    """Return the values for each entry of the file, which may have several platforms."""
    entries: dict[tuple[str, str], Entry] = {}
    for image, values in parts:
        key = identify_entry(image)
        first, own = entries.get(key, (image, values))
        entries[key] = first, merge_values([own, values])
    return list(entries.values())


def format_values(values: Values) -> dict[str, str]:
    """Format values as they are configured, by the names of their limits."""
    return {name: _format_value(name, value) for name, value in values.items()}


def format_budget(values: Values) -> str:
    """Format values as a key of the configuration: `budget: {max-growth: 75MB}`."""
    pairs = ", ".join(f"{name}: {value}" for name, value in format_values(values).items())
    return f"budget: {{{pairs}}}"


def _format_value(name: str, value: LimitValue) -> str:
    """Format a value as it is configured: `75MB`, `12%`, `8` layers."""
    if name == MAX_LAYERS:
        return str(value.number)
    if value.base_bytes:
        return propose_percent_limit(value.number, value.base_bytes)
    return propose_limit(value.number)


def _choose_larger(value: LimitValue, other: LimitValue) -> LimitValue:
    """Return the larger of two values; in bytes, unless both are percentages."""
    is_common = value.is_common and other.is_common
    if not (value.base_bytes and other.base_bytes):
        return LimitValue(max(value.number, other.number), is_common=is_common)
    larger = max(value, other, key=lambda part: part.number / part.base_bytes)
    return replace(larger, is_common=is_common)
