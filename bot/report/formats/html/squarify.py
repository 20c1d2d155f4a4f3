"""The squarified layout of a treemap: areas in proportion to weights, as near to squares as may be.

After Bruls, Huizing and van Wijk, "Squarified Treemaps" (2000).
"""

from collections.abc import Sequence
from typing import NamedTuple


class Rectangle(NamedTuple):
    """A rectangle; the origin is at the top left."""

    from_left: float
    from_top: float
    width: float
    height: float


def squarify(weights: Sequence[int], area: Rectangle) -> list[Rectangle]:
    """Divide an area by positive weights, which begin with the largest."""
    total = sum(weights)
    if not total or area.width <= 0 or area.height <= 0:
        return [Rectangle(area.from_left, area.from_top, 0, 0)] * len(weights)
    scale = area.width * area.height / total
    sizes = [weight * scale for weight in weights]
    rectangles: list[Rectangle] = []
    while sizes:
        side = min(area.width, area.height)
        count = _choose_row(sizes, side)
        row, sizes = sizes[:count], sizes[count:]
        placed, area = _place_row(row, area, is_last=not sizes)
        rectangles += placed
    return rectangles


def _choose_row(sizes: Sequence[float], side: float) -> int:
    """Return how many of the first areas form the row along a side with the best shapes."""
    total, worst = 0.0, float("inf")
    for count, size in enumerate(sizes, 1):
        total += size
        # The worst shape of the row so far: of its largest area, or of the one that is added. It
        # improves until the row is thick enough.
        ratio = max(side**2 * sizes[0] / total**2, total**2 / (side**2 * size))
        if ratio > worst:
            return count - 1
        worst = ratio
    return len(sizes)


def _place_row(
    row: Sequence[float], area: Rectangle, *, is_last: bool
) -> tuple[list[Rectangle], Rectangle]:
    """Place a row along the shorter side, and return it with the area that is left."""
    is_column = area.width >= area.height
    side, length = (area.height, area.width) if is_column else (area.width, area.height)
    # The last row takes what is left: rounding must leave no gap at the edge.
    thickness = length if is_last else min(length, sum(row) / side)
    placed, offset = [], 0.0
    for size in row:
        extent = side * size / sum(row)
        placed.append(
            Rectangle(area.from_left, area.from_top + offset, thickness, extent)
            if is_column
            else Rectangle(area.from_left + offset, area.from_top, extent, thickness)
        )
        offset += extent
    from_left, from_top, width, height = area
    rest = (
        Rectangle(from_left + thickness, from_top, width - thickness, height)
        if is_column
        else Rectangle(from_left, from_top + thickness, width, height - thickness)
    )
    return placed, rest
