"""Thirty services that copy one new file: one row of the table, one fold, and their exceptions."""

from bot.model.report import ImageReport, ImageState, Report
from bot.report.formats.html.html_page import render_html
from bot.report.formats.markdown import render_markdown
from bot.report.page.page import make_page, to_plain_text
from bot.report.page.page_model import Page
from tests.support.image_world import budget, compared, review


def service(name: str, layer: str = "", limit: str = "1MB", size: str = "2MB") -> ImageReport:
    """Build a service that gets a file of 3 MB."""
    old = f"FROM python 120MB / COPY {name} /app {size}"
    limits = budget(max_growth=limit, common=frozenset({"max-growth"}))
    return compared(old, f"{old} / COPY shared /srv 3MB (/srv 3MB){layer}", limits, name)


def thirty() -> Report:
    model = " / COPY model /model 9MB (/model 9MB)"
    names = [f"s{number:02}" for number in range(1, 31)]
    return review(*(service(name, model if name == "s07" else "") for name in names))


def cells(page: Page) -> list[list[str]]:
    return [[to_plain_text(cell) for cell in row.cells] for row in page.rows]


def test_images_that_grew_alike_are_one_row_beside_their_exception() -> None:
    page = make_page(thirty(), is_folded=True)
    assert cells(page) == [
        ["s07", "+12.0 MB", "134 MB", "+1 MB", "4.80 MB"],
        ["29 images", "+3.00 MB each", "125 MB", "+1 MB", "1.20 MB"],
    ]
    assert to_plain_text(page.rows[1].note) == "s01, s02, s03, s04 and 25 more"
    titles = [to_plain_text(details.title) for details in page.details]
    assert titles == ["s07: +12.0 MB (+9.8 %)", "29 images: +3.00 MB each"]


def test_the_comment_names_all_of_them_once_and_the_page_for_browsers_has_their_rows() -> None:
    markdown, html = render_markdown(thirty()), render_html(thirty())
    assert len(markdown) < 6_000
    assert all(f"<code>s{number:02}</code>" in markdown for number in range(1, 31))
    assert html.count('<a href="#image-') >= 30


def test_sizes_that_differ_are_a_range() -> None:
    images = [
        service(name, size=size) for name, size in (("a", "2MB"), ("b", "40MB"), ("c", "9MB"))
    ]
    (row,) = cells(make_page(review(*images), is_folded=True))
    assert row[2] == "125–163 MB"


def test_other_limits_and_verdicts_are_other_rows() -> None:
    over = [service(name) for name in "abc"]
    within = [service(name, limit="10MB") for name in "def"]
    fails = compared(None, None, name="g", state=ImageState.HEAD_BUILD_FAILED, reason="x")
    page = make_page(review(*within, fails, *over), is_folded=True)
    # What is over budget comes first, then what could not be measured, then the rest.
    assert [row[0] for row in cells(page)] == ["3 images", "g", "3 images"]
    assert [row[3] for row in cells(page)] == ["+1 MB", "no limit", "+10 MB"]


def test_two_images_and_equal_sizes_of_other_causes_stay_apart() -> None:
    two = make_page(review(service("a"), service("b")), is_folded=True)
    assert len(two.rows) == 2
    old = "FROM debian 75MB"
    others = [
        compared(old, f"{old} / COPY {name} /srv 3MB (/srv/{name} 3MB)", name=name)
        for name in "abc"
    ]
    assert len(make_page(review(*others), is_folded=True).rows) == 3


def test_growths_that_differ_a_little_are_one_row_and_others_are_not() -> None:
    old = "FROM python 120MB"
    sizes = {"a": "9MB", "b": "3.2MB", "c": "3.1MB", "d": "3MB", "e": "1MB"}
    images = [
        compared(old, f"{old} / COPY shared /srv {size} (/srv {size})", name=name)
        for name, size in sizes.items()
    ]
    rows = cells(make_page(review(*images), is_folded=True))
    assert [row[:2] for row in rows] == [
        ["a", "+9.00 MB"],
        ["3 images", "+3.00–3.20 MB each"],
        ["e", "+1.00 MB"],
    ]
