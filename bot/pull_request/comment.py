"""What to do about the comment on a pull request, given what stands there. Decides; posts nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class CommentAction(StrEnum):
    """What is to be done with our comment."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class ExistingComment:
    """A comment of ours that stands on the pull request."""

    comment_id: int
    body: str


@dataclass(frozen=True, slots=True)
class CommentPlan:
    """What to do, to which comment, and which extra copies of it to delete."""

    action: CommentAction
    reason: str
    comment_id: int | None = None
    extra_ids: tuple[int, ...] = ()


def plan_comment(
    existing: Sequence[ExistingComment],
    body: str,
    *,
    should_exist: bool,
    report_head: str,
    current_head: str,
) -> CommentPlan:
    """What to do so that exactly one comment, and a true one, stands.

    `standing` are our own comments, the oldest first. `wanted` says whether there is anything to
    say. `ours` is the head SHA the report is about and `current` the pull request's head now: a
    report about an older head never overwrites anything.
    """
    if report_head != current_head:
        return CommentPlan(
            CommentAction.LEAVE, f"the pull request has moved on to {current_head[:12]}"
        )
    first = existing[0] if existing else None
    extra = tuple(comment.comment_id for comment in existing[1:])
    if not should_exist:
        if first is None:
            return CommentPlan(CommentAction.LEAVE, "there is nothing to say")
        return CommentPlan(CommentAction.DELETE, "it is no longer true", first.comment_id, extra)
    if first is None:
        return CommentPlan(CommentAction.CREATE, "there is none yet")
    if _normalise_body(first.body) == _normalise_body(body):
        return CommentPlan(CommentAction.LEAVE, "it says the same already", first.comment_id, extra)
    return CommentPlan(CommentAction.UPDATE, "it has changed", first.comment_id, extra)


def _normalise_body(body: str) -> str:
    """GitHub may keep other line ends, and no blanks at the end."""
    return body.replace("\r\n", "\n").rstrip()
