"""A page always fits into its limit, and drops the parts of the lowest priority first."""

import pytest

from bot.report.formats.fit import PagePart, count_bytes, select_parts
from bot.report.formats.markdown import COMMENT_MAX_CHARACTERS, render_markdown
from bot.report.page.page_model import KeepPriority
from tests.support.report_cases import many, over_budget
from tests.unit.report.rendered_page import read


@pytest.mark.parametrize("limit", [COMMENT_MAX_CHARACTERS, 30_000, 1_000_000])
def test_two_hundred_hostile_images_fit(limit: int) -> None:
    page = render_markdown(many(200), limit=limit)
    assert count_bytes(page) <= limit
    assert read(page).tags.count("h3") == 1
    assert page.startswith("### ❌ Over budget: ")
    assert "**Fix:** " in page
    assert "Reproduce: " in page


def test_a_page_says_what_was_dropped() -> None:
    page = render_markdown(many(200))
    shown = page.count("\n| ❌ ") + page.count("\n| ✅ ")
    assert f"…and {200 - shown} more images, see the job summary." in page
    assert "Some details were omitted to fit" in page


def test_failing_rows_outlive_all_details() -> None:
    page = render_markdown(many(200))
    assert page.count("\n| ❌ ") == sum(number % 3 == 0 for number in range(200))


def test_a_page_that_fits_is_whole() -> None:
    whole = render_markdown(over_budget(), limit=10**9)
    assert render_markdown(over_budget(), limit=count_bytes(whole)) == whole
    assert "omitted" not in whole


def test_a_page_drops_whole_parts_at_every_limit() -> None:
    """It fits, parses, and keeps its headline and its footer."""
    whole = render_markdown(over_budget(), limit=10**9)
    limits = range(count_bytes(whole) * 3 // 5, count_bytes(whole) + 500, 97)
    pages = {limit: render_markdown(over_budget(), limit=limit) for limit in limits}
    assert len(pages) > 20
    assert len(set(pages.values())) > 3
    assert pages[limits[0]] != whole
    assert pages[limits[-1]] == whole
    for limit, page in pages.items():
        read(page)
        assert count_bytes(page) <= limit
        assert page.splitlines()[0] == whole.splitlines()[0]
        assert page.splitlines()[-1] == whole.splitlines()[-1]


def test_the_part_of_the_lowest_priority_is_dropped_first() -> None:
    priorities = [
        KeepPriority.FAILING_ROW,
        KeepPriority.LAYERS,
        KeepPriority.LAYERS_OF_PASSING,
        KeepPriority.LAYERS,
    ]
    parts = [PagePart("x" * 600, priority) for priority in priorities]
    assert select_parts(parts, 2399) == {0, 1, 3}
    assert select_parts(parts, 1700) == {0, 1}


def test_a_frame_is_dropped_with_the_last_of_its_content() -> None:
    parts = [
        PagePart("keep"),
        PagePart("<", group=1, is_frame=True),
        PagePart("a" * 50, KeepPriority.LAYERS, 1),
        PagePart("b" * 50, KeepPriority.LAYERS, 1),
        PagePart(">", group=1, is_frame=True),
    ]
    assert select_parts(parts, 106) == {0, 1, 2, 3, 4}
    assert select_parts(parts, 105) == {0}


def test_bytes_are_counted() -> None:
    assert count_bytes("→🎉") == 7
