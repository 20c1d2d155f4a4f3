"""Write the pictures of the page for docs/: `python -m tests.browser.pictures`; needs a Chromium.

Browsers and fonts differ from machine to machine, so that no test can compare a picture. Each is kept with
the digest of the page that it shows, and a test compares that.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bot.model.report import Report
from bot.report.formats.html.html_page import render_html
from tests.browser.conftest import find_browser
from tests.support.page_cases import make_audit, make_review

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
DIGESTS = FOLDER / "digests.txt"


@dataclass(frozen=True)
class Picture:
    """A part of a page, from the top or from an element on, as a window of a size shows it."""

    name: str
    make: Callable[[], Report]
    width: int
    height: int
    theme: str
    start: str = "body"


@cache
def _audit() -> Report:
    return make_audit(30)


PICTURES = (
    Picture("audit-light.png", _audit, 1400, 1060, "light"),
    Picture("audit-dark.png", _audit, 1400, 1060, "dark"),
    Picture("image-light.png", make_review, 1400, 1000, "light"),
    Picture("image-dark.png", make_review, 1400, 1000, "dark", "text=Where the bytes are"),
    Picture("phone-light.png", _audit, 390, 844, "light"),
    Picture("phone-dark.png", make_review, 390, 844, "dark", "text=Where the bytes are"),
)


def digest(picture: Picture) -> str:
    """Return what identifies the page of a picture, and how it is shown."""
    text = f"{picture.width} {picture.height} {picture.theme} {picture.start}\n"
    return hashlib.sha256((text + render_html(picture.make())).encode()).hexdigest()


def main() -> None:
    """Write all pictures, and their digests."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        path = find_browser()
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for picture in PICTURES:
            _take(browser, picture)
        browser.close()
    lines = (f"{digest(picture)}  {picture.name}\n" for picture in PICTURES)
    DIGESTS.write_text("".join(lines), "utf-8")


def _take(browser: Browser, picture: Picture) -> None:
    page = browser.new_page(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if picture.theme == "dark" else "light",
    )
    page.set_content(render_html(picture.make()))
    page.locator(picture.start).first.evaluate(
        "element => element.scrollIntoView({behavior: 'instant'})"
    )
    page.screenshot(path=FOLDER / picture.name)
    page.close()


if __name__ == "__main__":
    main()
