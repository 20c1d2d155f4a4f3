"""The chart of an image's recorded sizes."""

from bot.model.sizes import format_size
from bot.model.trend import Trend
from bot.report import escape

_WIDTH, _HEIGHT, _MARGIN = 600, 120, 8


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
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    floor = f"{points[-1][0]:.1f},{_HEIGHT} {points[0][0]:.1f},{_HEIGHT}"
    first, newest = trend.points[0], trend.points[-1]
    label = (
        f"Sizes of {len(sizes)} commits, from {format_size(smallest)} to {format_size(max(sizes))}"
    )
    return (
        f'<figure class="trend"><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'preserveAspectRatio="none" aria-label="{label}">'
        f'<polygon points="{line} {floor}"/><polyline points="{line}"/></svg>'
        f"<figcaption><span>{format_size(first.bytes)}<br>{_date(first.date)}</span>"
        f"<span>{format_size(newest.bytes)}<br>{_date(newest.date)}</span></figcaption></figure>\n"
    )


def _date(moment: str) -> str:
    return escape.html(moment[:10])
