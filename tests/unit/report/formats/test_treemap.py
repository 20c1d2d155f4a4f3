"""Areas of a treemap are in proportion to bytes, and no two tiles overlap."""

import re
from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.report.formats.html.squarify import Rectangle, squarify
from bot.report.formats.html.treemap import Tile, draw_treemap, place_tiles

_WEIGHTS = st.lists(st.integers(min_value=1, max_value=10**12), min_size=1, max_size=30).map(
    lambda weights: sorted(weights, reverse=True)
)
_SIDES = st.floats(min_value=10, max_value=2000)


@given(_WEIGHTS, _SIDES, _SIDES)
def test_areas_are_in_proportion_to_weights(
    weights: list[int], width: float, height: float
) -> None:
    scale = width * height / sum(weights)
    areas = [x.width * x.height for x in squarify(weights, Rectangle(3, 5, width, height))]
    assert areas == pytest.approx([weight * scale for weight in weights], rel=1e-6, abs=1e-6)


@given(_WEIGHTS, _SIDES, _SIDES)
def test_rectangles_stay_inside_and_never_overlap(
    weights: list[int], width: float, height: float
) -> None:
    area = Rectangle(0, 0, width, height)
    rectangles = squarify(weights, area)
    assert len(rectangles) == len(weights)
    assert all(_overlap(x, area) == pytest.approx(x.width * x.height, abs=1e-3) for x in rectangles)
    assert all(_overlap(a, b) < 1e-3 for a, b in combinations(rectangles, 2))


def test_equal_weights_are_squares() -> None:
    assert squarify([1, 1, 1, 1], Rectangle(0, 0, 20, 20)) == [
        Rectangle(0, 0, 10, 10),
        Rectangle(0, 10, 10, 10),
        Rectangle(10, 0, 10, 10),
        Rectangle(10, 10, 10, 10),
    ]


def test_a_group_has_its_tiles_inside_below_its_name() -> None:
    tiles = [Tile("usr", 80, (Tile("lib", 60), Tile("bin", 20))), Tile("app", 20)]
    placed = {x.tile.name: x for x in place_tiles(tiles, Rectangle(0, 0, 1000, 400), 100)}
    assert [name for name, x in placed.items() if x.is_group] == ["usr"]
    usr, lib = placed["usr"].area, placed["lib"].area
    assert _overlap(lib, usr) == pytest.approx(lib.width * lib.height)
    assert lib.from_top >= 15


def test_a_group_that_would_show_only_its_small_parts_is_one_tile() -> None:
    tests = Tile("tests", 50, tuple(Tile(f"f{number}", 1) for number in range(50)))
    source = Tile("src", 50, (Tile("model", 45), Tile("a", 3), Tile("b", 2)))
    placed = {x.tile.name: x for x in place_tiles([tests, source], Rectangle(0, 0, 900, 400), 9000)}
    assert [name for name, x in placed.items() if x.is_group] == ["src"]


def test_only_so_many_levels_are_drawn() -> None:
    tiles = [Tile("usr", 80, (Tile("lib", 80, (Tile("a", 40), Tile("b", 40))),))]
    for levels, names in ((1, ["usr"]), (2, ["usr", "lib"]), (3, ["usr", "lib", "a", "b"])):
        placed = place_tiles(tiles, Rectangle(0, 0, 1000, 400), 100, levels)
        assert [x.tile.name for x in placed] == names


def test_tiles_that_nobody_could_see_are_one_that_counts_them() -> None:
    tiles = [Tile("large", 10_000), *(Tile(f"f{number}", 1) for number in range(50))]
    placed = list(place_tiles(tiles, Rectangle(0, 0, 100, 100), 10))
    assert [(x.tile.name, x.tile.bytes) for x in placed] == [("large", 10_000), ("50 smaller", 50)]


def test_names_are_text_and_sizes_are_named() -> None:
    drawn = draw_treemap([Tile('<a "b">', 10**6, link="#x")], "1 & 2", 300, 10)
    assert "<title>&lt;a &quot;b&quot;&gt;: 1.00 MB, 100.0 %</title>" in drawn
    assert 'aria-label="1 &amp; 2"' in drawn
    assert drawn.count("<a ") == drawn.count('<a href="#x">') == 1


@given(
    st.lists(st.tuples(st.text(max_size=5), st.integers(0, 10**9)), max_size=40),
    st.integers(1, 5000),
)
def test_the_tiles_add_up(parts: Sequence[tuple[str, int]], least: int) -> None:
    tiles = [Tile(name, size) for name, size in parts]
    placed = list(place_tiles(tiles, Rectangle(0, 0, 1000, 440), least))
    assert sum(x.tile.bytes for x in placed) == sum(size for _, size in parts)
    assert not re.search(r"nan|inf", draw_treemap(tiles, "", 440, least))


def _overlap(first: Rectangle, second: Rectangle) -> float:
    right = min(first.from_left + first.width, second.from_left + second.width)
    bottom = min(first.from_top + first.height, second.from_top + second.height)
    width, height = (
        right - max(first.from_left, second.from_left),
        bottom - max(first.from_top, second.from_top),
    )
    return max(0.0, width) * max(0.0, height)
