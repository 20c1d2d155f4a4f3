"""The page as people use it: by pointer, by keyboard, by screen reader, on a phone, on paper."""

from importlib import resources

import pytest
from playwright.sync_api import Page

from bot.report.formats.html.html_page import render_html
from tests.browser.conftest import PageOpener
from tests.support.page_cases import make_audit, make_review
from tests.support.report_cases import CASES

_AUDIT, _REVIEW = render_html(make_audit(7)), render_html(make_review())
_MANY = render_html(make_audit(60))  # the last ones are shown in brief
_PAGES = {
    "audit": _AUDIT,
    "review": _REVIEW,
    "one image": render_html(make_audit(1)),
    "60 images": _MANY,
    **{
        name: render_html(CASES[name]())
        for name in ("explained", "changed-rules", "head-fails", "hostile", "measure")
    },
}
_OPEN_ALL = "for (const details of document.querySelectorAll('details')) details.open = true"
_AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


# The other two windows, which have the same parts and colours, take as long again.
@pytest.mark.parametrize(
    ("width", "theme"),
    [
        (390, "light"),
        (1400, "dark"),
        pytest.param(390, "dark", marks=pytest.mark.long),
        pytest.param(1400, "light", marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("name", [name for name in _PAGES if name != "60 images"])
def test_axe_finds_nothing(pages: PageOpener, name: str, width: int, theme: str) -> None:
    page = pages.open(_PAGES[name], width, theme)
    page.evaluate(_OPEN_ALL)
    assert _find_violations(page) == []


@pytest.mark.long
def test_axe_finds_nothing_on_a_large_page(pages: PageOpener) -> None:
    """Only once: it takes minutes, and the parts of it are those of the smaller pages."""
    page = pages.open(_MANY)
    page.evaluate(_OPEN_ALL)
    assert _find_violations(page) == []


def _find_violations(page: Page) -> list[tuple[str, str, list[str]]]:
    page.evaluate(_AXE)
    violations = page.evaluate("axe.run().then((result) => result.violations)")
    return [
        (item["id"], item["impact"], [node["html"][:200] for node in item["nodes"][:3]])
        for item in violations
    ]


@pytest.mark.parametrize("width", [390, 1000, 1400])
@pytest.mark.parametrize("name", _PAGES)
def test_the_page_is_as_wide_as_its_window(pages: PageOpener, name: str, width: int) -> None:
    page = pages.open(_PAGES[name], width)
    page.evaluate(_OPEN_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("name", _PAGES)
def test_a_phone_shows_every_column_of_the_details(pages: PageOpener, name: str) -> None:
    page = pages.open(_PAGES[name], 390)
    page.evaluate(_OPEN_ALL)
    cut = page.evaluate(
        """[...document.querySelectorAll('.wide td:not(.bar)')].filter((cell) =>
             cell.scrollWidth > cell.clientWidth + 1 || cell.getBoundingClientRect().right > 390 ||
             cell.closest('.scroll').scrollWidth > cell.closest('.scroll').clientWidth
           ).map((cell) => cell.innerText)"""
    )
    assert cut == []


def test_what_a_layer_contains_is_below_it_on_a_phone(pages: PageOpener) -> None:
    page = pages.open(_PAGES["measure"], 390)
    row = page.locator("tr", has_text="RUN apt-get install -y curl").last
    where, *_, contents = (cell.bounding_box() for cell in row.locator("td:visible").all())
    assert row.locator("td:visible").last.inner_text() == "/usr 14.0\xa0MB"
    assert where
    assert contents
    assert contents["y"] >= where["y"] + where["height"]
    assert contents["width"] > 300


def test_what_is_in_a_box_has_room_to_its_border(pages: PageOpener) -> None:
    page = pages.open(_AUDIT)
    page.evaluate(_OPEN_ALL)
    boxes = page.locator("details.image > :not(summary)")
    starts = boxes.evaluate_all(
        "(all) => all.map((x) => x.getBoundingClientRect().left - x.parentElement.getBoundingClientRect().left)"
    )
    assert len(starts) > 50
    assert min(starts) > 8


def _names(page: Page) -> list[str]:
    return page.locator("table.images tbody tr:visible th a").all_inner_texts()


def test_a_click_sorts_the_images_and_another_one_turns_them(pages: PageOpener) -> None:
    page = pages.open(_AUDIT)
    by_size = _names(page)
    page.get_by_role("button", name="image", exact=True).click()
    assert _names(page) == sorted(by_size)
    page.get_by_role("button", name="size", exact=True).click()
    # What could not be measured is last in either order.
    assert _names(page) == by_size
    head = page.get_by_role("columnheader", name="size", exact=True)
    assert head.get_attribute("aria-sort") == "descending"
    page.get_by_role("button", name="size", exact=True).click()
    assert _names(page) == [*reversed(by_size[:-1]), by_size[-1]]
    assert head.get_attribute("aria-sort") == "ascending"


def test_the_keyboard_sorts_as_well(pages: PageOpener) -> None:
    page = pages.open(_AUDIT)
    button = page.get_by_role("button", name="can save")
    button.focus()
    page.keyboard.press("Enter")
    saved = page.locator("table.images tbody tr td:nth-of-type(6)").all_inner_texts()
    assert saved[0].endswith("MB")
    assert saved[-1] == "—"
    assert page.evaluate("document.activeElement.textContent") == "can save"


def test_a_search_leaves_the_images_that_match(pages: PageOpener) -> None:
    page = pages.open(_AUDIT)
    page.get_by_label("Search the images").fill("BILL")
    assert _names(page) == ["billing"]
    assert page.locator("#shown").inner_text() == "1 of 7 images"
    assert page.locator("details.image:visible").count() == 1
    page.get_by_label("Search the images").fill("")
    assert len(_names(page)) == 7


def test_a_search_lists_files_with_their_images_layers_and_sizes(pages: PageOpener) -> None:
    page = pages.open(_AUDIT)
    page.get_by_label("Search the largest files").fill("LIBPERL")
    rows = page.get_by_role("table", name="Files and folders").locator("tbody tr")
    assert rows.count() == 1
    path, size, images, layer = rows.first.locator("td").all_inner_texts()
    assert path == "/usr/lib/x86_64-linux-gnu/libperl.so.5.36"
    assert size.endswith("MB")
    assert images.endswith(" and 1 more")
    assert layer == "the base image: FROM python:3.12-slim"
    assert page.locator("#file-count").inner_text() == "1 found"
    page.get_by_label("Search the largest files").fill("nothing like it")
    assert page.locator("#file-count").inner_text() == "0 found"
    assert rows.count() == 0


def test_the_largest_of_many_files_are_listed_first(pages: PageOpener) -> None:
    page = pages.open(_MANY)
    page.get_by_label("Search the largest files").fill("app /")
    rows = page.get_by_role("table", name="Files and folders").locator("tbody tr")
    assert rows.count() == 50
    assert page.locator("#file-count").inner_text().endswith(" found; the 50 largest are shown")
    sizes = [float(text.split()[0]) for text in rows.locator("td.n").all_inner_texts()]
    assert sizes == sorted(sizes, reverse=True)
    page.get_by_label("Search the largest files").fill("numpy _core")
    assert "more" in rows.first.inner_text()  # images with one Dockerfile are one row


def test_the_keyboard_leads_from_a_file_to_its_image(pages: PageOpener) -> None:
    page = pages.open(_AUDIT)
    page.get_by_label("Search the largest files").focus()
    page.keyboard.type("hero.mp4")
    page.keyboard.press("Tab")
    name = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    details = page.locator("details.image[open]")
    details.wait_for()
    assert name in details.locator("summary").first.inner_text()


@pytest.mark.parametrize("width", [390, 1400])
def test_axe_finds_nothing_in_the_files_found(pages: PageOpener, width: int) -> None:
    page = pages.open(_AUDIT, width)
    page.get_by_label("Search the largest files").fill("so")
    assert _find_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("start", ["table.images", ".estate"])
def test_an_image_leads_to_its_details(pages: PageOpener, start: str) -> None:
    page = pages.open(_AUDIT)
    page.locator(start).locator("a", has_text="checkout").click()
    details = page.locator("details.image[open]")
    assert details.count() == 1
    assert details.locator("summary").first.inner_text().startswith("✓")
    assert "checkout" in details.locator("summary").first.inner_text()
    assert details.get_by_text("Where the bytes are").is_visible()


def test_a_click_enlarges_a_part_and_the_trail_leads_back(pages: PageOpener) -> None:
    page = pages.open(_REVIEW)
    figure = page.locator("figure", has=page.locator(".map")).nth(1)
    group = figure.locator("svg.group.changed").first
    width = float((group.get_attribute("width") or "").rstrip("%"))
    assert width < 50
    group.click(position={"x": 10, "y": 6})
    assert float((group.get_attribute("width") or "").rstrip("%")) > 99
    figure.get_by_role("button", name="← All").click()
    assert float((group.get_attribute("width") or "").rstrip("%")) == pytest.approx(width, abs=0.01)


def test_the_keyboard_enlarges_a_part_and_escape_leads_back(pages: PageOpener) -> None:
    page = pages.open(_REVIEW)
    figure = page.locator("figure", has=page.locator(".map")).nth(1)
    group = figure.get_by_role("button", name="RUN apt-get update")
    group.focus()
    page.keyboard.press("Enter")
    trail = figure.locator(".trail")
    assert "RUN apt-get update" in trail.inner_text()
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused.startswith("usr")
    page.keyboard.press("Escape")
    assert trail.inner_text() == "Choose a part to enlarge it."


def test_the_keyboard_changes_how_the_picture_is_divided(pages: PageOpener) -> None:
    page = pages.open(_REVIEW)
    assert page.locator("title", has_text="pypi").first.locator("..").is_hidden()
    page.get_by_role("radio", name="By layers and files").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("radio", name="By packages").is_checked()
    assert page.locator(".view").nth(1).is_visible()
    assert page.locator(".view").nth(0).is_hidden()


def test_without_its_script_the_page_has_everything(pages: PageOpener) -> None:
    page = pages.open(_AUDIT, with_script=False)
    assert len(_names(page)) == 7
    assert page.get_by_label("Search the images").is_hidden()
    assert page.get_by_label("Search the largest files").is_hidden()
    page.locator("details.image summary").first.click()
    assert page.locator("details.image[open] .map").first.is_visible()


def test_paper_gets_all_details_and_both_pictures(pages: PageOpener) -> None:
    page = pages.open(_AUDIT)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    views = page.locator(".view")
    assert views.count() == 12
    assert all(views.nth(index).is_visible() for index in range(12))
    assert page.get_by_label("Search the images").is_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0


# An event of the window is handled before the second of two frames.
_NEXT_FRAME = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
# The labels of pictures that reach out of their tiles, and the number of all that are shown.
_CUT_LABELS = """() => {
  const texts = [...document.querySelectorAll(".map text")].filter((text) =>
    text.checkVisibility({ visibilityProperty: true }));
  const cut = texts.filter((text) => {
    const own = text.getBoundingClientRect();
    const tile = text.parentElement.querySelector(":scope > rect").getBoundingClientRect();
    return own.right > tile.right + 1 || own.bottom > tile.bottom + 2;
  });
  return [cut.map((text) => text.textContent), texts.length];
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1000, 1400])
@pytest.mark.parametrize("name", ["audit", "review", "explained"])
def test_labels_of_pictures_are_within_their_tiles(
    pages: PageOpener, name: str, width: int, theme: str
) -> None:
    page = pages.open(_PAGES[name], width, theme)
    page.evaluate(_OPEN_ALL)
    page.wait_for_function("document.querySelectorAll('.map:not([data-ready])').length === 0")
    cut, shown = page.evaluate(_CUT_LABELS)
    assert cut == []
    assert shown > 3


def test_labels_fit_again_after_a_window_has_changed_its_width(pages: PageOpener) -> None:
    page = pages.open(_AUDIT, 1400)
    wide = page.evaluate(_CUT_LABELS)[1]
    page.set_viewport_size({"width": 390, "height": 800})
    page.evaluate(_NEXT_FRAME)
    cut, narrow = page.evaluate(_CUT_LABELS)
    assert (cut, narrow < wide) == ([], True)
    page.set_viewport_size({"width": 1400, "height": 800})
    page.evaluate(_NEXT_FRAME)
    assert page.evaluate(_CUT_LABELS) == [[], wide]
