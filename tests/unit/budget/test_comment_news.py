"""When a report is worth a comment."""

from dataclasses import replace

import pytest

from bot.budget.comment_news import is_worth_comment
from bot.model.report import GateChange, GateKind, ImageState, Outcome
from tests.support.image_world import budget, compared, review, unchanged

THRESHOLD = 100_000
GATE = GateChange(GateKind.LIMIT, "the limit", "1 MB", "2 MB", Outcome.PASS)


@pytest.mark.parametrize(
    ("before", "after", "is_worth"),
    [
        ("FROM a 10MB", "FROM a 10MB / RUN x 99kB", False),
        ("FROM a 10MB", "FROM a 10MB / RUN x 100kB", True),
        ("FROM a 10MB / RUN x 100kB", "FROM a 10MB", True),
        ("FROM a 10MB / RUN x 99kB", "FROM a 10MB", False),
        # The same size of other contents: everybody pulls it again.
        ("FROM a 10MB / RUN x 30MB", "FROM a 10MB / RUN x 30MB ~2", True),
        (None, "FROM a 10kB", True),
        ("FROM a 10kB", None, True),
    ],
)
def test_the_change_or_the_download_counts(
    before: str | None, after: str | None, is_worth: bool
) -> None:
    states = {(True, False): ImageState.NEW, (False, True): ImageState.REMOVED}
    state = states.get((before is None, after is None), ImageState.CHANGED)
    report = review(compared(before, after, state=state), unchanged("web"))
    assert is_worth_comment(report, THRESHOLD) is is_worth


def test_what_is_not_a_plain_pass_is_always_worth_it() -> None:
    small = compared("FROM a 10MB", "FROM a 10MB / RUN x 20kB", budget(max_growth="10kB"))
    assert small.verdict is Outcome.FAIL
    assert is_worth_comment(review(small), THRESHOLD)
    assert is_worth_comment(review(replace(unchanged("web"), verdict=Outcome.WARN)), THRESHOLD)


def test_a_change_of_the_rules_is_worth_it_and_nothing_is_not() -> None:
    assert is_worth_comment(review(unchanged("web"), gate_changes=(GATE,)), THRESHOLD)
    assert not is_worth_comment(review(unchanged("web")), THRESHOLD)
    assert not is_worth_comment(review(), THRESHOLD)
