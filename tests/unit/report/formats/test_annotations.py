"""Annotations at the lines of Dockerfiles."""

from dataclasses import replace

from bot.model.report import ImageState
from bot.report.formats.annotations import MAX_PER_LEVEL, make_annotations, render_annotation
from tests.support.image_world import budget, compared, review
from tests.support.report_cases import base_fails, head_fails, many, over_budget, shrank


def test_the_line_that_caused_most_growth_is_annotated() -> None:
    error, notice = make_annotations(over_budget())
    assert (error.level, error.file, error.line) == ("error", "api/Dockerfile", 2)
    assert error.title == "api grew by 612 MB to 900 MB"
    assert "Line 2, RUN apt-get update" in error.message
    assert (notice.level, notice.line) == ("notice", 2)
    assert render_annotation(error).startswith(
        "::error file=api/Dockerfile,line=2,endLine=2,title=api grew by 612 MB to 900 MB::"
    )


def test_a_failed_build_is_annotated_at_its_line() -> None:
    over, broken, unmeasured = make_annotations(head_fails())
    assert (broken.level, broken.line, broken.title) == ("error", 5, "api does not build")
    assert "No matching distribution found" in broken.message
    assert (unmeasured.line, over.line) == (None, 2)


def test_a_base_that_fails_is_a_warning_without_a_line() -> None:
    (warning,) = make_annotations(base_fails())
    assert (warning.level, warning.line) == ("warning", None)


def test_a_line_that_only_base_has_is_not_annotated() -> None:
    """The base image grew, and an instruction was removed: annotations are at head's lines."""
    old = "FROM a 10MB / RUN lost 1MB"
    report = review(compared(old, "FROM b 90MB ~2", budget(max_growth="1MB")))
    assert make_annotations(report)[0].line == 1


def test_at_most_ten_annotations_a_level() -> None:
    levels = [annotation.level for annotation in make_annotations(many(60))]
    assert levels.count("error") == MAX_PER_LEVEL


def test_an_image_that_passes_has_no_annotation() -> None:
    assert make_annotations(shrank()) == ()
    removed = replace(shrank().images[0], state=ImageState.REMOVED)
    assert make_annotations(review(removed)) == ()


def test_a_lenient_job_only_warns() -> None:
    assert [annotation.level for annotation in make_annotations(over_budget(), lenient=True)] == [
        "warning",
        "notice",
    ]
    assert make_annotations(head_fails(), lenient=True)[0].level == "warning"
