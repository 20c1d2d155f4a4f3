"""The suggestions that save bytes of the growth itself, and what then remains of it.

A saving that the old image offered as well leaves a growth as it is: nobody is told to write a
.dockerignore for 70 MB of a package.
"""

from collections.abc import Iterable

from bot.compare.known_directories import find_known_directory
from bot.model.comparison import Attribution, BaseOrHead, Owner
from bot.model.metric import Metric
from bot.model.report import MAX_LAYERS, Check, ImageReport
from bot.model.sizes import format_change, format_size
from bot.model.suggestion import Suggestion
from bot.report.page import image_facts
from bot.report.page.limit_words import format_check_limit

# Savings are not exact: a cache of about as many bytes is the one that a suggestion removes.
_ABOUT = 0.9


def find_growth_saving(image: ImageReport) -> Suggestion | None:
    """Return the largest suggestion that saves bytes of this growth; None without one.

    Where only the size is limited, every suggestion counts.
    """
    suggestions = [suggestion for suggestion in image.suggestions if suggestion.saving_bytes]
    if any(check.is_about_growth for check in image_facts.deciding_checks(image)):
        suggestions = [x for x in suggestions if is_of_growth(image, x)]
    return max(suggestions, key=lambda suggestion: suggestion.saving_bytes or 0, default=None)


def describe_remainder(image: ImageReport, saving: int) -> tuple[str, str]:
    """Return which part of the excess a saving is, and a sentence on what remains with it.

    For example ` of the 105 MB too much` and `then 85.1 MB too much remain`. Both are empty where
    the limit is on another size than the unpacked one, in which savings are.
    """
    checks = image_facts.deciding_checks(image)
    excess, check = _find_excess(x for x in checks if x.is_about_growth or x.is_about_size)
    if check is None or check.metric is not Metric.UNPACKED:
        return "", ""
    if saving < excess:
        rest = format_size(excess - saving)
        return f" of the {format_size(excess)} too much", f"then {rest} too much remain"
    remaining = (check.observed or 0) - saving
    if remaining <= 0:
        return "", ""
    limit = format_check_limit(check)
    if check.is_about_growth:
        return "", f"then {format_change(remaining)} remains, within {limit}"
    return "", f"it is then {format_size(remaining)}, within {limit}"


def saves_too_little(image: ImageReport, suggestion: Suggestion) -> bool:
    """Return True unless a saving makes up for the excess over a limit, or half of the growth."""
    checks = image_facts.deciding_checks(image)
    excess, _ = _find_excess(x for x in checks if x.name != MAX_LAYERS)
    growth = image_facts.growth(image) or 0
    needed = min([_ABOUT * excess, *([growth / 2] if growth > 0 else [])])
    return (suggestion.saving_bytes or 0) < max(needed, 1)


def _find_excess(checks: Iterable[Check]) -> tuple[int, Check | None]:
    """Return the largest excess over a limit, with its check."""
    excesses = [
        (check.observed - check.limit, check)
        for check in checks
        if check.observed is not None and check.limit is not None
    ]
    return max(excesses, key=lambda pair: pair[0], default=(0, None))


def is_of_growth(image: ImageReport, suggestion: Suggestion) -> bool:
    """Return True if a saving cannot lie in what the old image had as well."""
    saving, base = suggestion.saving_bytes or 0, image.comparison.base
    if base is not None and saving > base.unpacked_bytes:
        return True
    return any(
        _holds_saving(image, row, saving)
        for row in image.comparison.attribution
        if row.side is BaseOrHead.HEAD and touches_row(suggestion, row)
    )


def _holds_saving(image: ImageReport, row: Attribution, saving: int) -> bool:
    """Return True if a line added more than its old layer can explain, or a cache of that size."""
    if row.delta_bytes <= 0:
        return False
    caches = list_caches(row)
    return saving > _find_old_size(image, row) or any(
        cache.delta_bytes >= _ABOUT * saving for cache in caches
    )


def list_caches(row: Attribution) -> list[Owner]:
    """Return the caches among the owners of what a line changed."""
    return [
        owner
        for owner in row.owners
        if (directory := find_known_directory(owner.name)) and directory.is_cache
    ]


def _find_old_size(image: ImageReport, row: Attribution) -> int:
    """Return the bytes of the old layer of a row: those of its line's layers less the growth."""
    layers = image_facts.list_line_layers(image.comparison.head, row)
    return max(sum(layer.unpacked_bytes for layer in layers) - row.delta_bytes, 0)


def touches_row(suggestion: Suggestion, row: Attribution) -> bool:
    """Return True if a suggestion is about a line of a row."""
    if suggestion.line_start is None or row.line_start is None:
        return False
    end = suggestion.line_end or suggestion.line_start
    return suggestion.line_start <= (row.line_end or row.line_start) and row.line_start <= end
