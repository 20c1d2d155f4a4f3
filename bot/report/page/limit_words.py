"""Limits, and what is held against them, in words: `+10 MB`, `20 MB of waste`, `12 layers`."""

from bot.model.metric import Metric
from bot.model.report import MAX_GROWTH, MAX_LAYERS, MAX_WASTE, Check, ImageReport
from bot.model.sizes import (
    format_change,
    format_count,
    format_limit,
    format_limit_percent,
    format_size,
)


def format_check_limit(check: Check) -> str:
    """Format the limit of a check, which has one."""
    limit = check.limit or 0
    if check.name == MAX_LAYERS:
        return format_count(limit, "layer")
    if check.name == MAX_WASTE:
        return f"{format_limit(limit)} of waste"
    if is_about_pull(check):
        return f"{format_limit(limit)} to pull"
    return f"+{format_limit(limit)}" if check.is_about_growth else format_limit(limit)


def format_image_limit(image: ImageReport, check: Check) -> str:
    """Format a limit with the percentage that it is set to: `5 % = +9.20 MB`."""
    percent, text = find_percent(image, check), format_check_limit(check)
    return text if percent is None else f"{format_limit_percent(percent)} % = {text}"


def find_percent(image: ImageReport, check: Check) -> float | None:
    """Return the percentage that a limit on growth is set to; None if its bytes count."""
    base = image.comparison.base
    if base is None or not check.is_about_growth:
        return None
    for budget in (image.base_budget, image.spec.budget):
        growth = None
        if budget is not None and budget.metric is check.metric:
            growth = budget.max_growth if check.name == MAX_GROWTH else budget.warn_growth
        if growth is None or growth.percent is None or growth.bytes == check.limit:
            continue
        if int(base.size(check.metric) * growth.percent / 100) == check.limit:
            return growth.percent
    return None


def is_about_pull(check: Check) -> bool:
    """Return True for a limit on the download of a machine that has the old image."""
    return check.is_about_growth and check.metric is Metric.PULL


def format_check_numbers(check: Check) -> tuple[str, str]:
    """Format what a check observed and its limit for the columns of a table."""
    if check.name == MAX_LAYERS:
        numbers = (check.observed, check.limit)
        observed, limit = ("—" if number is None else f"{number:,}" for number in numbers)
        return observed, limit
    is_growth = check.is_about_growth and not is_about_pull(check)
    format_bytes = format_change if is_growth else format_size
    observed = "—" if check.observed is None else format_bytes(check.observed)
    limit = "—" if check.limit is None else ("+" if is_growth else "") + format_limit(check.limit)
    return observed, limit
