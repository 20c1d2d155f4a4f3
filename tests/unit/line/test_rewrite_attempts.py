"""Findings with a change that was tried: what is claimed of it afterwards."""

from dataclasses import replace
from typing import Any

from bot.line.rewrite_attempts import judge_finding
from bot.model.candidate import Candidate
from bot.model.proof import Proof, Regression, RegressionKind
from bot.model.suggestion import Confidence, Edit, StartResult, Suggestion
from tests.support.image_world import image

SUGGESTION = Suggestion("rule", "title", "message", Confidence.ESTIMATED)


def judge(
    saving_bytes: int | None,
    *,
    must_shrink: bool = True,
    suggestion: Suggestion = SUGGESTION,
    **fields: Any,
) -> Suggestion | None:
    state = {"built": True, "started": StartResult.SAME, "image": image("FROM x 9MB"), **fields}
    candidate = Candidate("rule", "title", "message", b"", must_shrink=must_shrink)
    return judge_finding(Proof(candidate, saving_bytes=saving_bytes, **state), suggestion)


def test_a_change_that_saves_nothing_is_not_offered() -> None:
    assert judge(0) is None
    assert judge(-5) is None
    assert judge(56) is None


def test_a_small_saving_that_the_layers_show_is_offered() -> None:
    result = judge(56, suggestion=replace(SUGGESTION, saving_bytes=60))
    assert result
    assert result.saving_bytes == 56


def test_a_change_that_is_useful_at_the_same_size_is_offered() -> None:
    result = judge(0, must_shrink=False)
    assert result
    assert (result.confidence, result.saving_bytes) == (Confidence.VERIFIED, None)


def test_a_change_that_saves_something_is_verified() -> None:
    result = judge(50_000)
    assert result
    assert (result.confidence, result.saving_bytes) == (Confidence.VERIFIED, 50_000)


def test_a_change_that_breaks_something_is_not_offered() -> None:
    assert judge(50_000, built=False) is None
    lost = Regression(RegressionKind.PROGRAM, "curl", "The health check runs curl, which is gone.")
    assert judge(50_000, started=StartResult.NOT_RUN, regressions=(lost,) * 4) is None
    assert judge(50_000, started=StartResult.DIFFERS, regressions=(lost,)) is None


def test_a_change_that_loses_something_is_named_without_its_edit() -> None:
    lost = Regression(RegressionKind.PROGRAM, "curl", "The health check runs curl, which is gone.")
    written = replace(SUGGESTION, edits=(Edit(1, 1, "FROM a\n"),))
    result = judge(50_000, started=StartResult.NOT_RUN, suggestion=written, regressions=(lost,))
    assert result
    assert (result.confidence, result.edits) == (Confidence.ESTIMATED, ())
    assert result.message == (
        "message It was tried, and needs more than this change: The health check runs curl, which"
        " is gone."
    )


def test_files_that_a_change_leaves_out_are_its_purpose() -> None:
    unserved = Regression(RegressionKind.FILE, "app/page.ts", "/app/page.ts is not in the new one.")
    written = replace(SUGGESTION, edits=(Edit(1, 1, "FROM a\n"),))
    result = judge(
        50_000, started=StartResult.NOT_RUN, suggestion=written, regressions=(unserved,) * 9
    )
    assert result
    assert (result.message, result.edits) == ("message", written.edits)
    assert result.confidence is Confidence.ESTIMATED


def test_a_change_that_was_not_measured_stays_an_estimate() -> None:
    result = judge(None, image=None, started=StartResult.NOT_RUN)
    assert result
    assert result.confidence is Confidence.ESTIMATED
