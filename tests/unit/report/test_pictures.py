"""The pictures of docs/ show the page as it is; `python -m tests.browser.pictures` takes them anew."""

from pathlib import Path

from tests.browser.pictures import DIGESTS, FOLDER, PICTURES, digest

_DOCS = Path(__file__).parents[3] / "docs"


def test_every_picture_shows_the_page_of_today() -> None:
    lines = DIGESTS.read_text("utf-8").splitlines()
    assert lines == [f"{digest(x)}  {x.name}" for x in PICTURES], "python -m tests.browser.pictures"


def test_every_picture_is_there_and_shown() -> None:
    pages = "".join(path.read_text("utf-8") for path in _DOCS.glob("*.md"))
    for picture in PICTURES:
        assert (FOLDER / picture.name).read_bytes().startswith(b"\x89PNG")
        assert f"pictures/{picture.name}" in pages
