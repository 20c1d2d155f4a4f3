"""Comments as GitHub shows them: what is on the first screen of a phone and of a small window."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from bot.report.document.report_document import render_json
from tests.browser import pull_request_reports
from tests.browser.comments import take_pictures
from tests.browser.conftest import PageOpener
from tests.browser.pictures import render_as_comment
from tests.support.image_world import budget, compared, review
from tests.support.report_cases import CASES

_COMMENTS: tuple[str, ...] = (
    *("over-budget", "within", "shared-file", "shared-base", "explained", "download", "renamed"),
    *("base-fails", "head-fails", "fails-on-both-sides", "changed-rules", "approved", "old-debt"),
    *("over-layer-limits", "new-and-gone", "nothing-changed"),
)
_COMMENTS += pull_request_reports.NAMES
_SCREENS = {390: 844, 1000: 760}  # a phone; half of a screen


def _open(pages: PageOpener, case: str, width: int) -> Page:
    report = CASES[case]() if case in CASES else pull_request_reports.read_report(case)
    page = pages.open(render_as_comment(report), width)
    page.set_viewport_size({"width": width, "height": _SCREENS[width]})
    return page


def _find_end(page: Page, selector: str) -> float:
    """Return where the first element of a kind ends, from the top of the page."""
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


@pytest.mark.parametrize("width", _SCREENS)
@pytest.mark.parametrize("case", _COMMENTS)
def test_how_much_why_and_what_to_do_are_on_the_first_screen(
    pages: PageOpener, case: str, width: int
) -> None:
    page = _open(pages, case, width)
    for selector in ("h3", "p:has-text('Why:')", "p:has-text('Why:') + p"):
        assert _find_end(page, selector) < _SCREENS[width]
    if case != "nothing-changed":
        assert _find_end(page, "tbody tr") < _SCREENS[width]


@pytest.mark.parametrize("width", _SCREENS)
@pytest.mark.parametrize("case", _COMMENTS)
def test_only_a_table_may_be_wider_than_the_screen(
    pages: PageOpener, case: str, width: int
) -> None:
    page = _open(pages, case, width)
    page.evaluate("document.querySelectorAll('details').forEach((item) => { item.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("case", [name for name in _COMMENTS if name != "nothing-changed"])
def test_a_phone_shows_the_image_and_its_change(pages: PageOpener, case: str) -> None:
    page = _open(pages, case, 390)
    for name in ("image", "change"):
        box = page.locator("thead th", has_text=name).first.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] < 390


def test_a_long_name_leaves_room_for_the_numbers(pages: PageOpener) -> None:
    limits = budget(max_growth="10MB")
    name = "services/backend/paymentgatewayforeverybody"
    report = review(compared("FROM a 128MB", "FROM a 128MB / RUN x 410MB", limits, name))
    page = pages.open(render_as_comment(report), 390)
    for column in ("change", "size"):
        box = page.locator("thead th", has_text=column).first.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] < 390


def test_a_stored_report_becomes_a_picture_for_each_width(browser: Browser, tmp_path: Path) -> None:
    report = tmp_path / "a.json"
    report.write_text(render_json(CASES["over-budget"]()), "utf-8")
    take_pictures(browser, report)
    assert {x.name for x in tmp_path.glob("*.png")} == {"a-390.png", "a-1000.png"}
