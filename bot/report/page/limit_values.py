"""The values to write for limits, so that what was measured passes with a margin."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.model.report import MAX_LAYERS, Check, ImageReport
from bot.model.sizes import propose_limit, propose_percent_limit
from bot.report.page.image_facts import identify_entry
from bot.report.page.limit_words import find_percent

# A growth to more than that is no percentage that anybody would set.
_MAX_FACTOR = 10


@dataclass(frozen=True, slots=True)
class LimitValue:
    """The number that a limit has to allow.

    `base_bytes` is the size that the limit is a percentage of; 0 for any other limit.
    """

    number: int
    base_bytes: int = 0


# The values of limits by their names.
Values = Mapping[str, LimitValue]
# An image of the configuration with its values: of several platforms, the first one.
Entry = tuple[ImageReport, Values]


def find_value(image: ImageReport, check: Check) -> LimitValue:
    """Return what a limit has to allow, with the possible error of an estimate."""
    observed = (check.observed or 0) + 2 * check.margin
    base = image.comparison.base
    if base is None or find_percent(image, check) is None:
        return LimitValue(observed)
    size = base.size(check.metric)
    return LimitValue(observed, size if observed <= _MAX_FACTOR * size else 0)


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
    if not (value.base_bytes and other.base_bytes):
        return LimitValue(max(value.number, other.number))
    return max(value, other, key=lambda part: part.number / part.base_bytes)
