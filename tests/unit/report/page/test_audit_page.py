"""The page of an audit: totals, what needs attention, and what was not measured last."""

from dataclasses import replace

import pytest

from bot.line.missing_content import add_lfs_check
from bot.model.report import ImageReport, ImageState, Mode, Report
from bot.model.spec import Budget
from bot.report.page.page import make_page, render_status_line, to_plain_text
from bot.report.page.page_model import Line, Section, Table
from tests.support.image_world import NO_LIMIT, budget, compared, review
from tests.support.report_cases import audit, suggestion


def image(name: str, world: str, limits: Budget = NO_LIMIT, **fields: object) -> ImageReport:
    return compared(None, world, limits, name, ImageState.NO_BASELINE, **fields)


def broken(name: str) -> ImageReport:
    return compared(None, None, name=name, state=ImageState.HEAD_BUILD_FAILED, reason="exit code 1")


def audited(*images: ImageReport) -> Report:
    return review(*images, mode=Mode.AUDIT, base=None)


def cells(section: Section) -> list[list[str]]:
    (table,) = (block for block in section.blocks if isinstance(block, Table))
    return [[to_plain_text(cell) for cell in row] for row in table.rows]


@pytest.mark.parametrize(
    ("images", "headline"),
    [
        ([image("web", "FROM a 9MB")], "web is 9.00 MB; no limit is set"),
        (
            [image("web", "FROM a 9MB"), image("api", "FROM b 8MB", budget("10MB"))],
            "2 images, 17.0 MB; all within budget",
        ),
        (
            [image("web", "FROM a 9MB"), broken("job"), broken("x")],
            "web is 9.00 MB; 2 could not be measured",
        ),
        ([broken("job"), broken("x")], "job, x could not be measured"),
        (
            [image(name, "FROM a 9MB", budget("1MB")) for name in "abc"],
            "3 images, 27.0 MB (9.00 MB with shared layers once); 3 over budget: a, b and 1 more",
        ),
    ],
)
def test_the_headline_has_the_totals(images: list[ImageReport], headline: str) -> None:
    assert to_plain_text(make_page(audited(*images)).headline) == headline


def lacking(report: ImageReport) -> ImageReport:
    """Return the report on an image that was built with a pointer in place of a file."""
    return add_lfs_check(report, {}, {"model.bin": "1"})


def test_a_size_without_contents_is_a_lower_bound() -> None:
    report = audited(lacking(image("web", "FROM a 9MB / COPY . 1MB")), image("api", "FROM b 8MB"))
    page = make_page(report)
    headline = to_plain_text(page.headline)
    assert headline.startswith("2 images, at least 18.0 MB; 1 warning: web")
    assert to_plain_text(page.why).startswith("web is at least 10.0 MB: ")
    web, api = ([to_plain_text(cell) for cell in row.cells] for row in page.rows)
    assert (web[1], web[3], api[1], api[3]) == ("≥ 10.0 MB", "≥ 1.00 MB", "8.00 MB", "0 B")
    assert "1 Git LFS file is a pointer" in to_plain_text(page.rows[0].note)
    assert to_plain_text(page.details[0].title) == "web: at least 10.0 MB"
    (totals,) = page.overview
    assert cells(totals) == [["2", "at least 18.0 MB", "at least 18.0 MB", "—"]]
    lines = [to_plain_text(block.phrase) for block in totals.blocks if isinstance(block, Line)]
    assert lines[1].startswith("1 image was built without all contents")


def test_one_image_without_contents_is_a_lower_bound() -> None:
    page = make_page(audited(lacking(image("web", "FROM a 9MB"))))
    assert to_plain_text(page.headline).startswith("web is at least 9.00 MB; 1 warning")


def test_the_headline_of_many_images_fits_a_commit_status() -> None:
    images = [image("long-name" * 9 + str(x), f"FROM a{x} 9MB", budget("1MB")) for x in range(99)]
    assert len(render_status_line(audited(*images, broken("x")))) <= 140


def test_what_was_not_measured_comes_last() -> None:
    page = make_page(
        audited(broken("job"), image("tool", "FROM a 1MB"), image("web", "FROM b 9MB"))
    )
    assert [to_plain_text(row.cells[0]) for row in page.rows] == ["web", "tool", "job"]
    assert [to_plain_text(details.title) for details in page.details] == [
        "web: 9.00 MB",
        "tool: 1.00 MB",
        "job: does not build",
    ]


def test_only_five_savings_are_shown_and_the_others_counted() -> None:
    small = suggestion(dockerfile=None, saving_bytes=2_000_000)
    images = [image(f"i{x}", f"FROM a{x} 9MB", suggestions=(small,)) for x in range(7)]
    section = make_page(audited(*images)).findings[0]
    assert [row[0] for row in cells(section)] == ["i0", "i1", "i2", "i3", "i4"]
    (line,) = section.blocks[1:]
    assert "2 more in the details below: 4.00 MB." in str(line)


def test_images_that_share_as_much_are_one_row() -> None:
    base = "FROM python 100MB"
    images = [image(f"i{x}", f"{base} / COPY {x} {x + 1}MB") for x in range(6)]
    images.append(image("all", f"{base} / COPY 5 6MB / COPY z 1MB"))
    page = make_page(audited(*images))
    (shared,) = (x for x in page.details[0].sections if x.title == "Shared layers")
    assert cells(shared) == [
        ["i5", "2", "106 MB"],
        ["i0, i1, i2 and 2 more", "1", "100 MB"],
    ]


def test_a_review_has_none_of_it() -> None:
    page = make_page(replace(audit(), mode=Mode.REVIEW))
    assert (page.overview, page.findings) == ((), ())


def test_the_totals_and_the_table_have_the_numbers_of_the_document() -> None:
    page = make_page(audit())
    assert cells(page.overview[0]) == [["5", "814 MB", "938 MB", "at least 605 MB"]]
    assert [[to_plain_text(cell) for cell in row.cells][3:7] for row in page.rows] == [
        ["616 MB", "124 MB", "21.0 MB", "605 MB"],
        ["7.00 MB", "124 MB", "0 B", "—"],
        ["9.00 MB", "50.0 MB", "0 B", "—"],
        ["8.00 MB", "0 B", "0 B", "—"],
        ["?", "?", "?", "—"],
    ]
