"""A treemap as an SVG without a script: nested tiles, each with its name where there is room.

Positions are percentages, so that the picture fits any width while its text stays readable. The
page's script may enlarge a group of tiles; it needs nothing but these elements for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.model.sizes import format_size
from bot.report import escape
from bot.report.formats.html.squarify import Rectangle, squarify

# Pixels on a page of the usual width.
WIDTH = 1000
_HEADER = 18
_GAP = 2
_MIN_GROUP_WIDTH, _MIN_GROUP_HEIGHT = 48, 44
_MIN_LABEL_WIDTH, _MIN_LABEL_HEIGHT = 34, 15
_MIN_SIZE_HEIGHT = 32
_MAX_LEVELS = 6
_MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class Tile:
    """A named number of bytes; the bytes of its `tiles`, where it has any, add up to its own.

    `style` is the class of its colour; tiles without one have that of the tile around them. `link`
    is the address of what it stands for, on the same page.
    """

    name: str
    bytes: int
    tiles: tuple[Tile, ...] = ()
    style: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class PlacedTile:
    """A tile with its place; one that is a group has other tiles in it."""

    tile: Tile
    area: Rectangle
    style: str
    is_group: bool


def draw_treemap(
    tiles: Sequence[Tile], label: str, height: int, least: int, levels: int = _MAX_LEVELS
) -> str:
    """Draw tiles in an area of a height; those of less than `least` square pixels are one tile.

    `label` is the name of the picture for those who cannot see it; `levels` of tiles inside of
    others are drawn.
    """
    total = sum(tile.bytes for tile in tiles)
    placed = list(place_tiles(tiles, Rectangle(0, 0, WIDTH, height), least, levels))
    # SVG draws in the order of elements: groups first, so that no leaf is hidden by one.
    groups = "".join(_draw(x, height, total) for x in placed if x.is_group)
    leaves = "".join(_draw(x, height, total) for x in placed if not x.is_group)
    return (
        f'<svg class="map" width="100%" height="{height}" role="group" '
        f'aria-label="{escape.html(label)}"><g>{groups}</g><g>{leaves}</g></svg>\n'
    )


def place_tiles(
    tiles: Sequence[Tile],
    area: Rectangle,
    least: float,
    levels: int = _MAX_LEVELS,
    style: str = "",
) -> Iterator[PlacedTile]:
    """Yield the tiles of an area, each group before what is in it."""
    shown = _merge_small(tiles, area, least)
    areas = squarify([tile.bytes for tile in shown], area)
    for tile, rectangle in zip(shown, areas, strict=True):
        own_style = tile.style or style
        is_group = levels > 1 and _shows_parts(tile, rectangle, least)
        yield PlacedTile(tile, rectangle, own_style, is_group)
        if is_group:
            yield from place_tiles(tile.tiles, _inside(rectangle), least, levels - 1, own_style)


def _merge_small(tiles: Sequence[Tile], area: Rectangle, least: float) -> list[Tile]:
    """Return the tiles with bytes, the largest first, and those too small to be seen as one."""
    ordered = sorted((x for x in tiles if x.bytes), key=lambda tile: (-tile.bytes, tile.name))
    total = sum(tile.bytes for tile in ordered)
    smallest = total * least / max(1, area.width * area.height)
    shown = [tile for tile in ordered if tile.bytes >= smallest]
    small = ordered[len(shown) :]
    if len(small) < 2:
        return ordered
    merged = Tile(f"{len(small):,} smaller", sum(tile.bytes for tile in small), style="rest")
    return sorted([*shown, merged], key=lambda tile: -tile.bytes)


def _shows_parts(tile: Tile, area: Rectangle, least: float) -> bool:
    """Return True if something can be seen in a tile: a single `5 smaller` says less than it."""
    if not tile.tiles or area.width < _MIN_GROUP_WIDTH or area.height < _MIN_GROUP_HEIGHT:
        return False
    shown = _merge_small(tile.tiles, _inside(area), least)
    return len(shown) > 1 or shown == [x for x in tile.tiles if x.bytes]


def _inside(area: Rectangle) -> Rectangle:
    return Rectangle(
        area.from_left + _GAP,
        area.from_top + _HEADER,
        area.width - 2 * _GAP,
        area.height - _HEADER - _GAP,
    )


def _draw(placed: PlacedTile, height: int, total: int) -> str:
    tile, area = placed.tile, placed.area
    name, size = escape.html(tile.name, _MAX_NAME), format_size(tile.bytes)
    share = f"{100 * tile.bytes / total:.1f} %"
    kind = "group" if placed.is_group else "leaf"
    picture = (
        f'<svg class="{kind} {placed.style}" x="{_percent(area.from_left, WIDTH)}" '
        f'y="{_percent(area.from_top, height)}" width="{_percent(area.width, WIDTH)}" '
        f'height="{_percent(area.height, height)}"><title>{name}: {size}, {share}</title>'
        f"<rect/>{_draw_text(placed, name, size)}</svg>"
    )
    return f'<a href="{tile.link}">{picture}</a>' if tile.link else picture


def _draw_text(placed: PlacedTile, name: str, size: str) -> str:
    area = placed.area
    if area.width < _MIN_LABEL_WIDTH or area.height < _MIN_LABEL_HEIGHT:
        return ""
    if placed.is_group:
        return f"<text>{name} <tspan>{size}</tspan></text>"
    second = f'<text class="size">{size}</text>' if area.height >= _MIN_SIZE_HEIGHT else ""
    return f"<text>{name}</text>{second}"


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.2f}".rstrip("0").rstrip(".") + "%"
