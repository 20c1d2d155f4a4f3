"""The section "Trend": one sentence and a small chart of blocks, which any font and phone shows."""

from collections.abc import Sequence

from bot.model.report import ImageReport
from bot.model.sizes import format_count, format_percent, format_size
from bot.model.trend import Trend
from bot.report.page.page_model import KeepPriority, Line, Section

_BLOCKS = "▁▂▃▄▅▆▇█"
_MAX_COLUMNS = 24  # what a phone shows in one line beside two sizes
# From so many days on, the time is said in the larger unit.
_WEEKS_FROM_DAYS, _MONTHS_FROM_DAYS = 14, 90


def make_trend_section(image: ImageReport) -> list[Section]:
    """Build the section; none without a trend."""
    trend = image.trend
    if trend is None:
        return []
    sizes = [point.bytes for point in trend.points]
    chart = f"{draw_sizes(sizes)} {format_size(sizes[0])} → "
    lines = (
        Line((describe_trend(trend),)),
        Line((chart + format_size(trend.points[-1].bytes),)),
    )
    return [Section("Trend", KeepPriority.SIZES, lines)]


def describe_trend(trend: Trend) -> str:
    """Return the trend as a sentence."""
    percent = format_percent(trend.change_bytes, trend.points[0].bytes)
    change = percent or format_size(trend.change_bytes)
    commits = format_count(len(trend.points), "commit")
    text = f"{change} in {format_count(trend.days, 'day')}, {commits}"
    if trend.days_to_limit is None:
        return f"{text}."
    return (
        f"{text}; the limit is reached in about {_format_time(trend.days_to_limit)} at this pace."
    )


def _format_time(days: int) -> str:
    if days >= _MONTHS_FROM_DAYS:
        return format_count(round(days / 30), "month")
    if days >= _WEEKS_FROM_DAYS:
        return format_count(round(days / 7), "week")
    return format_count(max(days, 1), "day")


def draw_sizes(sizes: Sequence[int]) -> str:
    """Return a column for each size, or for as many as fit, from the smallest to the largest."""
    if not sizes:
        return ""
    if len(sizes) > _MAX_COLUMNS:
        last = len(sizes) - 1
        sizes = [sizes[column * last // (_MAX_COLUMNS - 1)] for column in range(_MAX_COLUMNS)]
    smallest, span = min(sizes), max(sizes) - min(sizes)
    top = len(_BLOCKS) - 1
    return "".join(_BLOCKS[(size - smallest) * top // span if span else 0] for size in sizes)
