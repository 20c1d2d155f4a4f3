"""The trend of an image's recorded sizes; none where it says nothing."""

import calendar
import re
from collections.abc import Sequence

from bot.model.metric import Metric
from bot.model.trend import Trend, TrendPoint

# The first of these spans that has enough points is shown.
_SPANS_DAYS = (30, 90, 365)
_MIN_POINTS = 4
_MAX_POINTS = 200
_MIN_DAYS = 2
# A change below both is noise.
_FLAT_FRACTION, _FLAT_BYTES = 0.01, 100_000
_MAX_DAYS_TO_LIMIT = 365
_DAY_S = 86_400
_NUMBER = re.compile(r"[0-9]+")


def make_trend(points: Sequence[TrendPoint], metric: Metric, limit: int | None) -> Trend | None:
    """Return the trend of points in the order of their commits, the oldest first.

    None for too few points, too short a time, or sizes that hardly differ.
    """
    for span in _SPANS_DAYS:
        selected = _select_newest(points, span)
        days = _count_days(selected)
        if len(selected) >= _MIN_POINTS and days >= _MIN_DAYS:
            return _make(selected, metric, days, limit)
    return None


def read_seconds(date: str) -> int:
    """Return the seconds since 1970 of a date such as `2026-11-26T15:52:50Z`."""
    return calendar.timegm(tuple(map(int, _NUMBER.findall(date))))


def _select_newest(points: Sequence[TrendPoint], span_days: int) -> tuple[TrendPoint, ...]:
    """Return the points of the last days; dates of rebased commits may be out of order."""
    if not points:
        return ()
    # Not from today on: a report must not change with the day on which it is made.
    start = max(read_seconds(point.date) for point in points) - span_days * _DAY_S
    selected = tuple(point for point in points if read_seconds(point.date) >= start)
    return selected[-_MAX_POINTS:]


def _count_days(points: Sequence[TrendPoint]) -> int:
    times = [read_seconds(point.date) for point in points]
    return round((max(times) - min(times)) / _DAY_S) if times else 0


def _make(
    points: tuple[TrendPoint, ...], metric: Metric, days: int, limit: int | None
) -> Trend | None:
    first, last = points[0].bytes, points[-1].bytes
    change = last - first
    if abs(change) < max(_FLAT_BYTES, _FLAT_FRACTION * first):
        return None
    days_to_limit: int | None = None
    if limit is not None and change > 0 and last < limit:
        # Divided before it is a float, which has no room for every product.
        remaining = (limit - last) * days // change
        days_to_limit = remaining if remaining <= _MAX_DAYS_TO_LIMIT else None
    return Trend(metric, points, days, days_to_limit)
