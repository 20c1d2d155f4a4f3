"""Write pictures of the comments of reports: `python -m tests.browser.comments FOLDER`.

Each JSON report in FOLDER becomes two pictures beside it, as GitHub shows its comment on a phone and
in half of a window. The reports of the pull requests of the monorepo fixture are kept by their test:

    IMAGE_SIZE_REPORTS=FOLDER .venv/bin/python -m pytest tests/end_to_end/engine/test_monorepo.py

They are to be looked at, and not to be committed.
"""

import json
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bot.report.document.report_document import from_document
from tests.browser.conftest import find_browser
from tests.browser.pictures import check_fonts, render_as_comment

SCREENS = {390: 844, 1000: 760}


def take_pictures(browser: Browser, path: Path) -> None:
    """Write the pictures of one report."""
    html = render_as_comment(from_document(json.loads(path.read_text("utf-8"))))
    for width, height in SCREENS.items():
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_content(html)
        page.screenshot(path=path.with_name(f"{path.stem}-{width}.png"))
        page.close()


def main(folder: Path) -> None:
    """Write the pictures of all reports of a folder."""
    check_fonts()
    with sync_playwright() as playwright:
        path = find_browser()
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for report in sorted(folder.glob("*.json")):
            take_pictures(browser, report)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
