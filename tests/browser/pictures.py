"""Write the pictures of the page and of comments for docs/: `python -m tests.browser.pictures`.

It needs a Chromium, a font with emoji and one with the widths of Helvetica, such as Debian's
fonts-noto-color-emoji and fonts-liberation; names of pictures choose some of them. Browsers and
fonts differ from machine to machine, so that no test can compare a picture. Each is kept with the
digest of the page that it shows, and a test compares that.
"""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bot.model.report import Report
from bot.report.formats.html.html_page import render_html
from bot.report.formats.markdown import render_markdown
from tests.browser.conftest import find_browser
from tests.browser.github_page import render_comment
from tests.browser.pull_request_reports import name_file, read_report
from tests.support.page_cases import make_audit, make_review
from tests.support.report_cases import CASES

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
    render: Callable[[Report], str] = render_html

    def html(self) -> str:
        """Return the page that the picture shows."""
        return self.render(self.make())


def render_as_comment(report: Report) -> str:
    """Return the page of a report's comment on GitHub."""
    return render_comment(render_markdown(report))


def _comment(case: str, width: int, height: int, theme: str) -> Picture:
    name = f"comment-{case}.png"
    return Picture(name, CASES[case], width, height, theme, render=render_as_comment)


def _pull_request(name: str, width: int, height: int, theme: str) -> Picture:
    file = f"comment-{name_file(name).removesuffix('.json')}.png"
    make = partial(read_report, name)
    return Picture(file, make, width, height, theme, render=render_as_comment)


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
    _comment("over-budget", 1000, 600, "light"),
    _comment("shared-file", 1000, 600, "dark"),
    _comment("head-fails", 390, 844, "light"),
    _comment("changed-rules", 390, 844, "dark"),
    _pull_request("one image grows", 390, 844, "light"),
    _pull_request("the base grows", 1000, 600, "light"),
    _pull_request("a service is new", 1000, 600, "dark"),
    _pull_request("images that need contexts, arguments and a secret", 390, 844, "dark"),
)


def digest(picture: Picture) -> str:
    """Return what identifies the page of a picture, and how it is shown."""
    text = f"{picture.width} {picture.height} {picture.theme} {picture.start}\n"
    return hashlib.sha256((text + picture.html()).encode()).hexdigest()


def main(names: list[str]) -> None:
    """Write the named pictures or all of them, and their digests."""
    check_fonts()
    FOLDER.mkdir(exist_ok=True)
    chosen = [picture for picture in PICTURES if not names or picture.name in names]
    with sync_playwright() as playwright:
        path = find_browser()
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for picture in chosen:
            _take(browser, picture)
        browser.close()
    # The others still show the pages that they were taken of.
    digests = {**read_digests(), **{picture.name: digest(picture) for picture in chosen}}
    lines = (f"{digests[picture.name]}  {picture.name}\n" for picture in PICTURES)
    DIGESTS.write_text("".join(lines), "utf-8")


def check_fonts() -> None:
    """End if no font has the marks of the verdicts: pictures would show empty boxes."""
    fonts = subprocess.run(
        ["fc-list", f":charset={ord('❌'):x}"], capture_output=True, text=True, check=True
    )
    if not fonts.stdout:
        sys.exit("No font here has emoji. What to do: apt-get install fonts-noto-color-emoji")


def read_digests() -> dict[str, str]:
    """Return the digest of each picture's page, by the name of the picture."""
    lines = DIGESTS.read_text("utf-8").splitlines() if DIGESTS.exists() else ()
    return {name: value for value, name in (line.split("  ") for line in lines)}


def _take(browser: Browser, picture: Picture) -> None:
    page = browser.new_page(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if picture.theme == "dark" else "light",
    )
    page.set_content(picture.html())
    page.locator(picture.start).first.evaluate(
        "element => element.scrollIntoView({behavior: 'instant'})"
    )
    page.screenshot(path=FOLDER / picture.name)
    page.close()


if __name__ == "__main__":
    main(sys.argv[1:])
