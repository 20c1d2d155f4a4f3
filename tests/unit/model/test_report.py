"""Outcomes and modes."""

import pytest

from bot.model.report import Mode, Outcome, Report, Revision


@pytest.mark.parametrize(
    ("outcomes", "worst"),
    [
        ([], Outcome.PASS),
        ([Outcome.SKIP], Outcome.PASS),
        ([Outcome.SKIP, Outcome.WARN, Outcome.PASS], Outcome.WARN),
        ([Outcome.ERROR, Outcome.FAIL], Outcome.ERROR),
    ],
)
def test_the_worst_outcome_is_at_least_a_pass(outcomes: list[Outcome], worst: Outcome) -> None:
    assert Outcome.worst(outcomes) is worst


def test_only_a_review_compares_revisions() -> None:
    both = {mode for mode in Mode if mode.has_two_sides and mode.covers_repository}
    assert both == {Mode.REVIEW}


@pytest.mark.parametrize("mode", list(Mode))
def test_a_review_of_a_commit_with_itself_is_a_warning(mode: Mode) -> None:
    head, other = Revision("main", "1" * 40), Revision("topic", "2" * 40)
    assert Report(mode, (), base=other, head=head).verdict is Outcome.PASS
    same = Report(mode, (), base=head, head=head)
    assert same.verdict is (Outcome.WARN if mode is Mode.REVIEW else Outcome.PASS)
