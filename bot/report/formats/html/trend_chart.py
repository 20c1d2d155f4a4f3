"""The chart of an image's recorded sizes."""

from collections.abc import Sequence

from bot.model.sizes import format_size
from bot.model.trend import Trend
from bot.report import escape

_WIDTH, _HEIGHT, _MARGIN = 600, 120, 8
_OUTSIDE = 4  # where a line is not seen: the area below the chart's line is closed there


def draw_trend(trend: Trend) -> str:
    """Draw the line of sizes, with the first and the last one in words.

    The line begins at the smallest size: what matters is how it moves.
    """
    sizes = [point.bytes for point in trend.points]
    smallest, span = min(sizes), max(max(sizes) - min(sizes), 1)
    last = max(len(sizes) - 1, 1)
    points = [
        (
            _MARGIN + index * (_WIDTH - 2 * _MARGIN) / last,
            _HEIGHT - _MARGIN - (size - smallest) * (_HEIGHT - 2 * _MARGIN) / span,
        )
        for index, size in enumerate(sizes)
    ]
    points = _close(points)
    line = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
    first, newest = trend.points[0], trend.points[-1]
    label = (
        f"Sizes of {len(sizes)} commits, from {format_size(smallest)} to {format_size(max(sizes))}"
    )
    return (
        f'<figure class="trend"><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'preserveAspectRatio="none" aria-label="{label}">'
        f'<polyline points="{line}"/></svg>'
        f"<figcaption><span>{format_size(first.bytes)}<br>{_date(first.date)}</span>"
        f"<span>{format_size(newest.bytes)}<br>{_date(newest.date)}</span></figcaption></figure>\n"
    )


def _close(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points with those that lead from and to the floor, outside of the chart."""
    start, end, floor = -_OUTSIDE, _WIDTH + _OUTSIDE, _HEIGHT + _OUTSIDE
    first, last = points[0][1], points[-1][1]
    return [(start, floor), (start, first), *points, (end, last), (end, floor)]


def _date(moment: str) -> str:
    return escape.html(moment[:10])
