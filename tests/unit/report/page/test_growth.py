"""The text for each cause of growth, and the sections that list the details."""

from dataclasses import replace

import pytest

from bot.model.report import ImageReport, ImageState
from bot.report.formats.markdown import render_markdown
from bot.report.page.image_details import make_details
from bot.report.page.page import make_page, to_plain_text
from bot.report.page.page_model import Line, Section, Table
from tests.support.image_world import compared, image, review
from tests.support.report_cases import explained

_DEBIAN = "FROM debian:12 75MB"
_TEN = ", ".join(f"deb lib{number} 1 2.6MB" for number in range(10))
_APT = (
    f"RUN apt-get install -y llvm 120MB (deb libllvm14 14.0.6 64MB, deb gcc-12 12.2 30MB, {_TEN})"
)
_SITE = f"{_DEBIAN} / COPY . /app 244MB"
_MODEL = "/ COPY model /srv 90MB (/srv 90MB)"


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        pytest.param(
            _DEBIAN,
            f"{_DEBIAN} / {_APT}",
            "Line 2, RUN apt-get install -y llvm, adds 120 MB: libllvm14 (64.0 MB), gcc-12 (30.0 MB) "
            "and 10 more packages.",
            id="a system package with its dependencies",
        ),
        pytest.param(
            f"{_DEBIAN} / RUN pip install -r requirements.txt 60MB (pypi numpy 1.26.4 60MB)",
            f"{_DEBIAN} / RUN pip install -r requirements.txt 64MB ~2 (pypi numpy 2.1.0 64MB)",
            "Line 2, RUN pip install -r requirements.txt, adds 4.00 MB: "
            "numpy 1.26.4 → 2.1.0 (+4.00 MB).",
            id="a wheel bumped",
        ),
        pytest.param(
            "FROM node:22 400MB / RUN npm ci 9MB (npm express 4.19.2 9MB)",
            "FROM node:22 400MB / RUN npm ci 32MB ~2"
            " (npm express 4.19.2 9MB, npm typescript 5.4.5 22MB, /app/node_modules/.bin 1MB)",
            "Line 2, RUN npm ci, adds 23.0 MB: typescript (22.0 MB) and "
            "/app/node_modules/.bin (1.00 MB).",
            id="a dev dependency",
        ),
        pytest.param(
            "FROM debian:bookworm-slim 75MB (deb libssl3 3.0.11 6MB, deb perl 5.36 69MB)",
            "FROM debian:bookworm-slim 78MB ~2 (deb libssl3 3.0.14 9MB, deb perl 5.36 69MB)",
            "The base image debian:bookworm-slim was updated under the same tag and adds 3.00 MB: "
            "libssl3 3.0.11 → 3.0.14 (+3.00 MB).",
            id="only the base image, by itself",
        ),
        pytest.param(
            "FROM golang:1.22 800MB (go std 1.22 800MB)",
            "FROM golang:1.23 810MB (go std 1.23 810MB)",
            "The new base image, FROM golang:1.23 (line 1), adds 10.0 MB: std 1.22 → 1.23 (+10.0 MB).",
            id="only the base image, by another FROM",
        ),
        pytest.param(
            _SITE,
            f"{_SITE} / RUN chown -R app /app 244MB copies 244MB of 2 in /app",
            "Line 3, RUN chown -R app /app, adds 244 MB: it copies 244 MB of line 2 again only to "
            "change owner or mode.",
            id="a chown over an old layer",
        ),
        pytest.param(
            _SITE,
            f"{_SITE} / COPY . /app 244MB copies 244MB of 2 in /app",
            "Line 3, COPY . /app, adds 244 MB: it stores 244 MB of line 2 again with the same content.",
            id="the same COPY twice",
        ),
        pytest.param(
            _SITE,
            f"{_SITE} / RUN npm ci 244MB copies 244MB of 2 in /app",
            "Line 3, RUN npm ci, adds 244 MB: it stores 244 MB of line 2 again with the same content.",
            id="the same work done twice",
        ),
        pytest.param(
            _DEBIAN,
            f"{_DEBIAN} / RUN apt-get update && apt-get install -y gcc 82MB"
            " (deb gcc-12 12.2 61MB, /var/lib/apt/lists/partial 21MB)",
            "Line 2, RUN apt-get update && apt-get install -y gcc, adds 82.0 MB: gcc-12 (61.0 MB); "
            "it leaves apt's package lists (21.0 MB) behind.",
            id="a forgotten cache",
        ),
        pytest.param(
            _DEBIAN,
            f"{_DEBIAN} / COPY . /app 30MB (/app/src 10MB, /app/.git/objects/ab 20MB)",
            "Line 2, COPY . /app, adds 30.0 MB: /app/src (10.0 MB); "
            "it also copies git's history (20.0 MB).",
            id="a COPY that ignores nothing",
        ),
        pytest.param(
            f"{_DEBIAN} / RUN make 10MB",
            f"{_DEBIAN} / RUN make 10MB ~2 =",
            "1 layer rebuilt with the same content.",
            id="only rebuilt",
        ),
        pytest.param(
            f"{_DEBIAN} / RUN make 90MB (/opt/a 60MB, /opt/b 30MB)",
            f"{_DEBIAN} / RUN make 30MB ~2 (/opt/b 30MB)",
            "Line 2, RUN make, saves 60.0 MB, all of it in /opt/a.",
            id="a directory gone",
        ),
    ],
)
def test_the_page_explains_the_growth(before: str, after: str, why: str) -> None:
    assert to_plain_text(make_page(review(compared(before, after))).why) == why


def test_a_file_moved_by_a_line_is_stored_twice() -> None:
    report = compared(
        image(f"{_DEBIAN} {_MODEL}", tree="srv/file 90MB #m @2"),
        image(
            f"{_DEBIAN} {_MODEL} / RUN mv /srv /opt 90MB removes 90MB of 2 in /srv",
            tree="opt/file 90MB #m @3",
        ),
    )
    assert to_plain_text(make_page(review(report)).why) == (
        "Line 3, RUN mv /srv /opt, adds 90.0 MB: it moves 1 file of line 2: 90.0 MB stored twice."
    )


def test_a_file_moved_by_its_copy_is_stored_once() -> None:
    report = compared(
        image(f"{_DEBIAN} / COPY model /srv 90MB (/srv 90MB)", tree="srv/m 90MB #m @2"),
        image(f"{_DEBIAN} / COPY model /opt 90MB (/opt 90MB)", tree="opt/m 90MB #m @2"),
    )
    page = make_page(review(report))
    assert to_plain_text(page.why) == "1 file (90.0 MB) was moved; nothing is stored twice."
    assert _section(report, "Files").title == "Files: 1 moved"


def test_a_removal_in_a_later_layer_saves_nothing() -> None:
    report = compared(_SITE, f"{_SITE} / RUN rm -r /app 0B removes 244MB of 2 in /app")
    (row,) = _table(_section(report, "What changed"))
    assert row[3] == "removes 244 MB of line 2, still in the image"


def test_a_row_without_lines_names_its_layer() -> None:
    """Two existing images are compared without a Dockerfile."""
    old, new = image(_DEBIAN), image(f"{_DEBIAN} / RUN make 9MB / RUN x 1MB / RUN x 2MB")
    layers = tuple(replace(layer, instruction=None) for layer in new.layers)
    rows = _table(_section(compared(old, replace(new, layers=layers)), "What changed"))
    assert [row[0] for row in rows] == ["layer 2", "—", "—"]


def _section(report: ImageReport, title: str) -> Section:
    return next(part for part in make_details(report).sections if part.title.startswith(title))


def _table(section: Section) -> list[list[str]]:
    tables = [block for block in section.blocks if isinstance(block, Table)]
    return [[to_plain_text(cell) for cell in row] for table in tables for row in table.rows]


def test_every_layer_has_its_kind_of_change() -> None:
    (report,) = explained().images
    assert [row[2] for row in _table(_section(report, "Layers"))] == [
        "changed",
        "changed",
        "changed",
        "rebuilt, same content",
        "rebuilt, same content",
        "added",
        "added",
    ]


def test_waste_names_the_lines_that_caused_it() -> None:
    (report,) = explained().images
    assert _table(_section(report, "Wasted")) == [
        ["line 4", "copied again by line 6", "/app/file", "1", "244 MB"],
        ["line 5", "removed by line 7", "/srv/models/bert/file", "1", "90.0 MB"],
    ]


def test_the_rows_of_the_waste_add_up_when_there_are_many() -> None:
    layers = " / ".join(
        f"RUN x{number} 0B removes {number}MB of 1 in /d" for number in range(1, 31)
    )
    report = compared(None, f"COPY . 500MB / {layers}", state=ImageState.NEW)
    *_, last = _table(_section(report, "Wasted"))
    assert last == ["18 more", "", "", "18", "171 MB"]


def test_sections_are_dropped_in_the_order_of_their_priority() -> None:
    titles = ["Duplicates: ", "Files: ", "#### Layers", "Wasted: ", "#### Sizes", "#### What"]
    whole = len(render_markdown(explained()).encode())
    dropped = dict[str, None]()
    for limit in range(whole, whole // 3, -50):
        page = render_markdown(explained(), limit=limit)
        dropped |= dict.fromkeys(title for title in titles if title not in page)
    assert list(dropped) == titles


def test_duplicates_name_their_lines() -> None:
    (report,) = explained().images
    assert _table(_section(report, "Duplicates")) == [
        ["/app/a.bin, /app/b.bin", "line 6", "1", "2", "9.00 MB"]
    ]


def test_the_base_images_share_has_a_row() -> None:
    (report,) = explained().images
    rows = {row[0]: row[1:] for row in _table(_section(report, "Sizes"))}
    assert rows["from the base image (set by FROM)"] == [
        "75.0 MB",
        "78.0 MB",
        "+3.00 MB",
    ]
    assert rows["from this Dockerfile"] == ["434 MB", "814 MB", "+380 MB"]
    assert rows["compressed (as a registry stores it)"] == ["204 MB", "≈357 MB ±2 %", "≈+153 MB"]


def test_an_image_from_scratch_has_no_row_for_a_base_image() -> None:
    report = compared("FROM scratch 0B / COPY x 9MB", "FROM scratch 0B / COPY x 90MB")
    assert not any("FROM" in row[0] for row in _table(_section(report, "Sizes")))


def test_a_rebuilt_layer_is_named_with_its_line() -> None:
    report = compared(f"{_DEBIAN} / RUN make 10MB", f"{_DEBIAN} / RUN make 10MB ~2 =")
    (line,) = _section(report, "What changed").blocks
    assert isinstance(line, Line)
    assert to_plain_text(line.phrase) == "1 layer rebuilt with the same content (line 2)."
