"""The commit that an approval was given for: known from GitHub and our own record, or not at all."""

from dataclasses import replace

import pytest

from bot.model.approval import ApprovalRecord, CommentRecord, GrowthAtCommit
from bot.model.metric import Metric
from bot.model.report import Approval
from bot.pull_request.approval_scope import SetLabel, choose_scope
from bot.pull_request.label_activity import PullRequestActivity

NAME = "image-size-approved"
BEFORE, SET_AT, AFTER, LATE = (f"2026-01-02T12:00:0{second}Z" for second in range(4))
HEAD, EARLIER, OTHER = "a" * 40, "b" * 40, "c" * 40
LABEL = SetLabel(Approval(NAME, "alice", "then", is_valid=True), 5, SET_AT, HEAD)


def growth(head: str, size: int) -> GrowthAtCommit:
    return GrowthAtCommit(head, {"0" * 16: dict.fromkeys(Metric, size)})


OWN = growth(HEAD, 60)
SHOWN = growth(EARLIER, 10)


def comment(
    current: GrowthAtCommit, written_at: str, approval: ApprovalRecord | None = None
) -> CommentRecord:
    return CommentRecord(current, approval, written_at)


def pushed(time: str, previous: str = EARLIER) -> PullRequestActivity:
    return PullRequestActivity("synchronize", previous_head=previous, time=time)


LABELED = PullRequestActivity("labeled", NAME.upper(), time=SET_AT)
OPENED = PullRequestActivity("opened", time=BEFORE)


@pytest.mark.parametrize("activity", [LABELED, OPENED, pushed(BEFORE)])
def test_without_a_report_the_commit_is_the_one_that_the_event_names(
    activity: PullRequestActivity,
) -> None:
    assert choose_scope(LABEL, activity, OWN, None) == OWN


@pytest.mark.parametrize(
    "activity",
    [
        pushed(SET_AT),  # in the same second: the push may have come later
        pushed(AFTER),
        PullRequestActivity("labeled", "bug", time=AFTER),
        PullRequestActivity("unlabeled", NAME, time=AFTER),
        PullRequestActivity("synchronize", previous_head=EARLIER),
        PullRequestActivity(),
    ],
)
def test_a_commit_that_may_be_newer_than_the_label_is_not_approved(
    activity: PullRequestActivity,
) -> None:
    assert choose_scope(LABEL, activity, OWN, None) is None


@pytest.mark.parametrize("activity", [LABELED, OPENED, pushed(AFTER)])
def test_an_approval_that_the_comment_knows_keeps_its_size(activity: PullRequestActivity) -> None:
    posted = comment(growth(EARLIER, 12), AFTER, ApprovalRecord(5, SHOWN))
    assert choose_scope(LABEL, activity, OWN, posted) == SHOWN
    assert choose_scope(replace(LABEL, is_rewritten=True), activity, OWN, posted) == SHOWN


def test_a_label_that_was_set_again_is_another_approval() -> None:
    posted = comment(OWN, BEFORE, ApprovalRecord(4, SHOWN))
    assert choose_scope(LABEL, LABELED, OWN, posted) == OWN


def test_the_report_of_the_same_commit_is_what_was_approved() -> None:
    """Base has moved on since, and the commit's growth is another one now."""
    shown = growth(HEAD, 55)
    posted = comment(shown, SET_AT)
    for activity in (LABELED, pushed(BEFORE), PullRequestActivity()):
        assert choose_scope(LABEL, activity, OWN, posted) == shown


def test_a_push_after_the_label_is_held_against_the_report_before_it() -> None:
    posted = comment(SHOWN, BEFORE)
    assert choose_scope(LABEL, pushed(AFTER), OWN, posted) == SHOWN


def test_a_commit_that_nobody_saw_is_not_approved() -> None:
    """Between the reported commit and this one there was another."""
    posted = comment(SHOWN, BEFORE)
    assert choose_scope(LABEL, pushed(AFTER, OTHER), OWN, posted) is None


def test_a_label_on_a_commit_without_a_report_approves_that_commit() -> None:
    posted = comment(SHOWN, BEFORE)
    assert choose_scope(LABEL, LABELED, OWN, posted) == OWN


def test_a_report_that_came_after_the_label_says_nothing() -> None:
    posted = comment(SHOWN, AFTER)
    assert choose_scope(LABEL, pushed(LATE), OWN, posted) is None


@pytest.mark.parametrize(
    "label", [replace(LABEL, head_sha=OTHER), replace(LABEL, is_rewritten=True)]
)
@pytest.mark.parametrize("activity", [LABELED, OPENED, pushed(BEFORE)])
@pytest.mark.parametrize("posted", [None, comment(OWN, BEFORE)])
def test_a_branch_that_has_moved_since_leaves_the_commit_open(
    label: SetLabel, activity: PullRequestActivity, posted: CommentRecord | None
) -> None:
    assert choose_scope(label, activity, OWN, posted) is None
