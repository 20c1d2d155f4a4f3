"""A headless Chromium, and pages in it that must neither complain nor load anything."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

BROWSER_VARIABLE = "IMAGE_SIZE_BROWSER"
_NAMES = ("chromium", "chromium-browser", "google-chrome")


@dataclass
class PageOpener:
    """Opens pages, and keeps what they complain of and what they ask for."""

    browser: Browser
    folder: Path
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(
        self, html: str, width: int = 1400, theme: str = "light", *, with_script: bool = True
    ) -> Page:
        """Open a page of HTML from a file."""
        path = self.folder / f"page-{len(list(self.folder.iterdir()))}.html"
        path.write_text(html, "utf-8")
        context = self.browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=with_script,
        )
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(path.as_uri())
        return page

    def close(self) -> None:
        """Close all pages; AssertionError for a complaint, and for a request for anything else."""
        for context in self.browser.contexts:
            context.close()
        assert self.complaints == []
        own = {path.as_uri() for path in self.folder.iterdir()}
        assert [url for url in self.requests if url.partition("#")[0] not in own] == []


def find_browser() -> str | None:
    """Return the path of the browser that the environment names, or of one on this machine."""
    named = os.environ.get(BROWSER_VARIABLE)
    return named or next(filter(None, map(shutil.which, _NAMES)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium; a machine that names one must have it."""
    path = find_browser()
    if path is None:
        pytest.skip(f"no Chromium on this machine; {BROWSER_VARIABLE} may name one")
    with sync_playwright() as playwright:
        # Its sandbox needs user namespaces, which root in a container has none of.
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def pages(browser: Browser, tmp_path: Path) -> Iterator[PageOpener]:
    """Open pages that must be quiet until the end of the test."""
    opener = PageOpener(browser, tmp_path)
    yield opener
    opener.close()
