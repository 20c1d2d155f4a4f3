"""The plan for the sticky comment on a pull request; the GitHub adapter carries it out."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class CommentAction(StrEnum):
    """An action on our comment."""

    CREATE = "create"
    UPDATE = "update"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class ExistingComment:
    """A comment of ours on the pull request."""

    comment_id: int
    body: str


@dataclass(frozen=True, slots=True)
class CommentPlan:
    """An action, the comment that it applies to, and the extra copies to delete."""

    action: CommentAction
    reason: str
    comment_id: int | None = None
    extra_ids: tuple[int, ...] = ()


def plan_comment(
    existing: Sequence[ExistingComment],
    body: str,
    *,
    is_news: bool,
    report_head: str,
    current_head: str,
) -> CommentPlan:
    """Plan the action after which at most one comment is left, with the text of `body`.

    `existing` are our own comments, the oldest first. `is_news` is false if there is nothing worth
    a comment: none is created then, and one that exists is updated. `report_head` is the head SHA
    that the report is about, `current_head` the one of the pull request now: a report about an
    older head never overwrites anything.
    """
    # Runs end in any order: that of an older push must not win.
    if report_head != current_head:
        return CommentPlan(
            CommentAction.LEAVE, f"the pull request has moved on to {current_head[:12]}"
        )
    first = existing[0] if existing else None
    extra = tuple(comment.comment_id for comment in existing[1:])
    if first is None and not is_news:
        return CommentPlan(CommentAction.LEAVE, "there is nothing to say")
    if first is None:
        return CommentPlan(CommentAction.CREATE, "there is none yet")
    if _normalise_body(first.body) == _normalise_body(body):
        return CommentPlan(CommentAction.LEAVE, "it says the same already", first.comment_id, extra)
    return CommentPlan(CommentAction.UPDATE, "it has changed", first.comment_id, extra)


def _normalise_body(body: str) -> str:
    """Return the body in one form: GitHub may change line endings and strip trailing blanks."""
    return body.replace("\r\n", "\n").rstrip()
