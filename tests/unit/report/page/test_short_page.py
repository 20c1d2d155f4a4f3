"""The short text of a terminal: what it leaves out, and the verdict in its last line."""

import re
from dataclasses import replace
from typing import Any

import pytest

from bot.model.report import ImageReport, ImageState, Mode, Outcome, Report
from bot.report.formats.text import render_text
from bot.report.page.small_sizes import is_small
from tests.support.image_world import budget, compared, review, unchanged
from tests.support.report_cases import CASES, changed_rules, suggestion

_BASE = "FROM python 100MB"
_HINT = ". Details: --details or --format html"
_FULL_SHA = re.compile(r"\b[0-9a-f]{40}\b")
_SECTIONS = re.compile(r"^  (?=\S)(.+)$", re.MULTILINE)


def shorten(report: Report) -> str:
    return render_text(report, is_short=True)


def grown(size: str, name: str = "api", limit: str = "10MB", **fields: Any) -> ImageReport:
    limits = budget(max_growth=limit) if limit else budget()
    return compared(_BASE, f"{_BASE} / COPY a {size}", limits, name, **fields)


def failed(name: str) -> ImageReport:
    return compared(None, None, name=name, state=ImageState.HEAD_BUILD_FAILED)


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (
            review(grown("20MB"), grown("1MB", "web"), *(unchanged(f"{x}") for x in range(14))),
            "✗ 1 of 2 changed images over budget (14 unchanged)",
        ),
        (review(grown("20MB")), "✗ 1 changed image over budget"),
        (
            review(failed("a"), grown("20MB", "b"), grown("1MB", "c"), grown("20MB", "d")),
            "✗ 2 of 4 changed images over budget; 1 could not be measured",
        ),
        (review(grown("1MB")), "✓ 1 changed image within budget"),
        (review(grown("1MB"), grown("2MB", "b")), "✓ 2 changed images within budget"),
        (
            review(grown("1MB"), grown("2MB", "b", "")),
            "✓ 2 changed images, 1 held against a limit",
        ),
        (review(grown("2MB", limit="")), "✓ 1 changed image, none held against a limit"),
        (review(unchanged("a"), unchanged("b")), "✓ No image changed (2 unchanged)"),
        (
            review(grown("20MB"), mode=Mode.DIFF),
            "✗ Over budget: api grew by 20 MB to 120 MB; limit: +10 MB",
        ),
        (
            changed_rules(),
            "! 1 of 2 changed images with a warning; the review rules changed",
        ),
    ],
)
def test_the_last_line_is_the_verdict(report: Report, line: str) -> None:
    shown = shorten(report).splitlines()[-1].replace(".0 MB", " MB")
    assert shown.removesuffix(_HINT) == line
    assert render_text(report).replace(".0 MB", " MB").splitlines()[-1] == line


@pytest.mark.parametrize("name", CASES)
def test_a_short_text_begins_and_ends_with_the_mark_of_the_verdict(name: str) -> None:
    lines = shorten(CASES[name]()).splitlines()
    assert lines[0][0] == lines[-1][0]
    # As wide as the text, however much there is to say.
    assert lines[-1].endswith(_HINT) or lines[-2] == _HINT.removeprefix(". ")
    assert len(lines[-1]) <= 100 or lines[-1].removesuffix(_HINT) in lines[0]


def test_only_large_changes_are_listed() -> None:
    old = f"{_BASE} / COPY a 1MB / COPY b 1kB / COPY c 1kB"
    new = f"{_BASE} / COPY a 3MB ~2 / COPY b 60kB ~2 / COPY c 41kB ~2"
    text = shorten(review(compared(old, new)))
    assert "COPY a" in text
    assert "COPY b" not in text
    assert "  2 smaller changes: +99.0 kB.\n" in text


def test_a_large_change_is_not_called_small() -> None:
    """The table has six; the others are counted, and are as large."""
    added = "".join(
        f" / COPY {name} {size}MB" for name, size in zip("abcdefg", range(50, 43, -1), strict=True)
    )
    report = review(compared(_BASE, f"{_BASE}{added}"))
    assert "  1 more change: +44.0 MB.\n" in shorten(report)
    assert "maller change" not in render_text(report)


def test_full_hashes_are_in_the_command_alone() -> None:
    report = review(grown("1MB"))
    text = render_text(report)
    assert _FULL_SHA.findall(text) == _FULL_SHA.findall(report.reproduce_command)
    assert len(_FULL_SHA.findall(render_text(replace(report, reproduce_command="")))) == 2


def test_all_changes_of_a_tiny_image_can_be_large() -> None:
    text = shorten(
        review(compared("FROM scratch 1kB / COPY a 1kB", "FROM scratch 1kB / COPY a 2kB ~2"))
    )
    assert "COPY a" in text
    assert "smaller" not in text


@pytest.mark.parametrize(
    ("size", "image_size", "expected"),
    [(99_999, 10_000_000, True), (100_000, 10**9, False), (9, 1_000, True), (10, 1_000, False)],
)
def test_small_is_below_100_kilobytes_and_one_percent(
    size: int, image_size: int, expected: bool
) -> None:
    assert is_small(size, image_size) is expected
    assert is_small(-size, image_size) is expected


def test_each_of_several_images_has_its_best_suggestion() -> None:
    small = suggestion(title="Use a smaller one", saving_bytes=5_000_000, dockerfile=None)
    images = [
        grown(
            "20MB", suggestions=(small, suggestion(title="Use a stage", saving_bytes=20_000_000))
        ),
        grown("20MB", "web", suggestions=(suggestion(title="Use no cache"),)),
    ]
    text = " ".join(shorten(review(*images)).split())
    assert "Suggestions Use a stage (line 2), which saves 20.0 MB" in text
    assert "Use a smaller one" not in text
    assert "1 more in the details." in text
    assert "Suggestions Use no cache" in text


def test_the_suggestion_of_a_single_image_is_said_once() -> None:
    text = shorten(review(grown("20MB", suggestions=(suggestion(title="Use a stage"),))))
    assert text.count("Use a stage") == 1


def test_a_suggestion_that_saves_next_to_nothing_is_left_out() -> None:
    tiny = suggestion(title="Use nothing", saving_bytes=1_620)
    assert "Suggestions" not in shorten(
        review(grown("1MB", suggestions=(tiny,)), grown("1MB", "b"))
    )


def test_advice_has_all_suggestions_and_edits_and_no_full_dockerfile() -> None:
    text = shorten(CASES["advise"]())
    assert "Delete the apt package lists" in text
    assert "replace line 2 with:" in text
    assert "COPY --from=build" not in text
    assert "--verify --write FILE" in text


def test_measure_says_what_each_layer_contains() -> None:
    world = "FROM debian 80MB (usr 80MB) / RUN apt-get install gcc 50MB (deb gcc 12 40MB, var/lib/apt/lists 9MB, etc 1MB) / COPY a 1kB"
    image = compared(None, world, state=ImageState.NO_BASELINE)
    text = shorten(review(image, mode=Mode.MEASURE, base=None, head=None))
    words = " ".join(text.split())
    assert "gcc 12 40.0 MB" in words
    assert "1 smaller layer: 1.00 kB." in text
    sections = [title for title in _SECTIONS.findall(text) if title in ("Layers", "Sizes")]
    assert sections == ["Layers", "Sizes"]


def test_an_audit_has_the_logs_of_failed_builds_and_no_details_of_others() -> None:
    text = shorten(CASES["audit"]())
    assert "Last lines of the build log" in text
    assert "  Layers\n" not in text
    assert "Same files in several images" not in text


def test_a_report_that_judged_nothing_has_no_mark_of_a_verdict() -> None:
    report = review(grown("20MB", limit=""), mode=Mode.DIFF)
    assert report.verdict is Outcome.PASS
    text = shorten(report)
    assert not set("✓✗!‼") & set(text)
    assert "Nothing was judged" in text


@pytest.mark.parametrize("names", ["a", "ab"])
def test_a_broken_archive_is_named_once(names: str) -> None:
    """Of two with one reason, the second has it in its row."""
    images = [
        compared(_BASE, None, name=name, state=ImageState.MEASURE_FAILED, reason="a tar ends early")
        for name in names
    ]
    alone = compared(
        _BASE, None, name="c", state=ImageState.MEASURE_FAILED, reason="not a tar archive"
    )
    text = shorten(review(*images, alone))
    assert text.count("a tar ends early") == (1 if names == "a" else 3)
    assert text.count("not a tar archive") == 1
    assert text.count("Notes") == 0
