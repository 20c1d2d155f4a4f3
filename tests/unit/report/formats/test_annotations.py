"""The marker, the action's outputs and the annotations."""

from dataclasses import replace

import pytest

from bot.model.report import ImageState, Report
from bot.report.formats.action_outputs import make_outputs
from bot.report.formats.annotations import MAX_PER_LEVEL, make_annotations, render_annotation
from bot.report.formats.comment_marker import CommentMarker, make_marker, make_slug, read_marker
from bot.report.page.page import render_status_line
from tests.support.image_world import HEAD, budget, compared, review
from tests.support.report_cases import (
    HOSTILE,
    base_fails,
    head_fails,
    many,
    nothing_changed,
    over_budget,
    shrank,
)


def test_a_marker_is_read_back() -> None:
    marker = make_marker(".github/image-size.yml", HEAD.sha)
    assert read_marker(f"{marker}\n### page") == CommentMarker(
        make_slug(".github/image-size.yml"), HEAD.sha
    )
    assert read_marker(f"{marker}\r\n### page") == read_marker(marker)


@pytest.mark.parametrize("key", [HOSTILE, "-->", "a\nb", "", "\udcff"])
def test_a_hostile_key_does_not_break_out(key: str) -> None:
    marker = make_marker(key, HEAD.sha)
    assert marker.count("-->") == 1
    assert read_marker(marker) == CommentMarker(make_slug(key), HEAD.sha)


def test_keys_that_read_alike_stay_apart() -> None:
    assert make_slug("a/b") != make_slug("a-b")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "### page",
        "x<!-- image-size-review config=a head=c0dec0d -->",
        "<!-- image-size-review config=a head=c0dec0d --> x",
        "<!-- image-size-review config=a head=HEAD -->",
        "<!-- image-size-review config=A head=c0dec0d -->",
    ],
)
def test_what_is_no_marker_is_not_read(body: str) -> None:
    assert read_marker(body) is None


def test_a_marker_takes_only_a_sha() -> None:
    with pytest.raises(ValueError, match="is not a commit's SHA"):
        make_marker("default", "--> x")


def test_outputs_speak_of_the_worst_image() -> None:
    assert make_outputs(over_budget()) == {
        "verdict": "fail",
        "base-size": "288000000",
        "head-size": "900120000",
        "delta": "612120000",
        "delta-percent": "212.5",
    }


@pytest.mark.parametrize(
    ("report", "verdict", "delta", "percent"),
    [
        (shrank(), "pass", "-640000000", "-71.1"),
        (nothing_changed(), "pass", "", ""),
        (base_fails(), "warn", "", ""),
        (head_fails(), "error", "", ""),
        (review(), "pass", "", ""),
        (
            review(compared("FROM scratch 0B", "FROM scratch 0B / COPY x 9MB")),
            "pass",
            "9000000",
            "",
        ),
    ],
)
def test_what_is_unknown_is_empty(report: Report, verdict: str, delta: str, percent: str) -> None:
    given = make_outputs(report)
    assert (given["verdict"], given["delta"], given["delta-percent"]) == (verdict, delta, percent)


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
    broken, unmeasured, over = make_annotations(head_fails())
    assert (broken.level, broken.line, broken.title) == ("error", 5, "api does not build")
    assert "No matching distribution found" in broken.message
    assert (unmeasured.line, over.line) == (None, 2)


def test_a_base_that_fails_is_a_warning_without_a_line() -> None:
    (warning,) = make_annotations(base_fails())
    assert (warning.level, warning.line) == ("warning", None)


def test_a_line_that_only_base_has_is_not_annotated() -> None:
    """Growth by a base image, while head lost an instruction: the lines are head's."""
    old = "FROM a 10MB / RUN lost 1MB"
    report = review(compared(old, "FROM b 90MB ~2", budget(max_growth="1MB")))
    assert make_annotations(report)[0].line == 1


def test_no_more_than_github_shows() -> None:
    levels = [annotation.level for annotation in make_annotations(many(60))]
    assert levels.count("error") == MAX_PER_LEVEL


def test_an_image_that_passes_is_left_alone() -> None:
    assert make_annotations(shrank()) == ()
    gone = replace(shrank().images[0], state=ImageState.REMOVED)
    assert make_annotations(review(gone)) == ()


def test_where_no_size_fails_none_is_an_error() -> None:
    assert [each.level for each in make_annotations(over_budget(), lenient=True)] == [
        "warning",
        "notice",
    ]
    assert make_annotations(head_fails(), lenient=True)[0].level == "error"


@pytest.mark.parametrize("report", [over_budget(), many(3), nothing_changed()])
def test_one_line_for_a_commit_status(report: Report) -> None:
    line = render_status_line(report)
    assert 0 < len(line) <= 140
    assert "\n" not in line
