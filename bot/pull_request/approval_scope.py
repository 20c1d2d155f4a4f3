"""The commit of a pull request for which an approval was given, and the growth that it had.

Nothing that a pull request says of itself is used: neither the dates of its commits nor their
order. The facts are GitHub's (the event of the job, the events of the pull request) and our own
comment's record. Where they leave it open, the commit is not known.
"""

from dataclasses import dataclass

from bot.model.approval import CommentRecord, GrowthAtCommit
from bot.model.report import Approval
from bot.pull_request.label_activity import PullRequestActivity


@dataclass(frozen=True, slots=True)
class SetLabel:
    """An approving label that is set, as GitHub describes it.

    `head_sha` is the pull request's head now. A branch `is_rewritten` if it was force-pushed at
    that time or later: only then can it have come back to a commit.
    """

    approval: Approval
    event_id: int
    set_at: str
    head_sha: str
    is_rewritten: bool = False


def choose_scope(
    label: SetLabel,
    activity: PullRequestActivity,
    own: GrowthAtCommit,
    posted: CommentRecord | None,
) -> GrowthAtCommit | None:
    """Return the growth that the label was set for; None if it is not known.

    `own` is the growth of the commit that the job is about, `posted` what the comment says before
    the job changes it.
    """
    if posted and posted.approval and posted.approval.event_id == label.event_id:
        return posted.approval.given_at
    # Another commit was pushed since, or the branch may have come back to an earlier one.
    if label.head_sha != own.head_sha or label.is_rewritten:
        return None
    if posted and posted.written_at and posted.written_at <= label.set_at:
        # Whoever set the label saw this growth.
        if posted.current.head_sha == own.head_sha:
            return posted.current
        if not activity.sets_label(label.approval.label):
            # One push only: of an earlier comment, nobody knows what was pushed in between.
            is_next = activity.previous_head == posted.current.head_sha
            return posted.current if is_next else None
    return own if _is_set_at_head(label, activity) else None


def _is_set_at_head(label: SetLabel, activity: PullRequestActivity) -> bool:
    """Return True if the head was the event's already when the label was set."""
    if activity.action == "opened" or activity.sets_label(label.approval.label):
        return True
    # Not `>=`: times have whole seconds, and a push in the same one may have come later.
    return bool(activity.time) and label.set_at > activity.time
