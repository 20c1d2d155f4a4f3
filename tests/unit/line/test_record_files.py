"""The files of a report's records: which images get one, and what the log says of the others."""

from dataclasses import replace

from bot.line.missing_content import add_lfs_check
from bot.line.record_files import count_records, explain_unrecorded, make_record_files
from bot.model.report import ImageReport, ImageState, Report
from bot.records.badge import render_badge
from tests.support.image_world import compared
from tests.support.report_cases import CASES

COMMIT, DATE = "a" * 40, "2026-01-02T03:04:05Z"
REPORT = CASES["audit"]()


def lack_contents(image: ImageReport) -> ImageReport:
    return add_lfs_check(image, {}, {"model.bin": "1"})


def report_of(*images: ImageReport) -> Report:
    return replace(REPORT, images=images)


def measured(name: str) -> ImageReport:
    image = compared(None, "FROM a 12MB", name=name, state=ImageState.NO_BASELINE)
    return replace(image, spec=replace(image.spec, name=name))


def test_an_image_without_some_contents_is_not_recorded() -> None:
    report = report_of(lack_contents(measured("models")), measured("api"))
    files = make_record_files(report, COMMIT, DATE)
    assert count_records(files) == 1
    assert explain_unrecorded(report, files) == (
        "Not recorded, since contents of Git LFS files or submodules were missing: models."
    )


def test_the_log_says_why_nothing_is_recorded() -> None:
    lacking = report_of(lack_contents(measured("models")))
    assert make_record_files(lacking, COMMIT, DATE) == {}
    assert "models" in explain_unrecorded(lacking, {})
    assert explain_unrecorded(report_of(), {}) == "Nothing is recorded: no image was measured."
    complete = report_of(measured("api"))
    assert explain_unrecorded(complete, make_record_files(complete, COMMIT, DATE)) == ""


def test_a_badge_says_that_the_size_is_a_lower_bound() -> None:
    assert b'"\\u2265 12.0 MB"' in (render_badge(lack_contents(measured("models"))) or b"")
    assert b'"12.0 MB"' in (render_badge(measured("api")) or b"")
