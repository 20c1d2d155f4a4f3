"""What to do about the comment on a pull request, given what stands there. Decides; posts nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What is to be done with our comment."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Standing:
    """A comment of ours that stands on the pull request."""

    comment_id: int
    body: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, to which comment, and which extra copies of it to delete."""

    action: Action
    reason: str
    comment_id: int | None = None
    extra: tuple[int, ...] = ()


def decide(
    standing: Sequence[Standing],
    body: str,
    *,
    wanted: bool,
    ours: str,
    current: str,
) -> Decision:
    """What to do so that exactly one comment, and a true one, stands.

    `standing` are our own comments, the oldest first. `wanted` says whether there is anything to
    say. `ours` is the head SHA the report is about and `current` the pull request's head now: a
    report about an older head never overwrites anything.
    """
    if ours != current:
        return Decision(Action.LEAVE, f"the pull request has moved on to {current[:12]}")
    first = standing[0] if standing else None
    extra = tuple(comment.comment_id for comment in standing[1:])
    if not wanted:
        if first is None:
            return Decision(Action.LEAVE, "there is nothing to say")
        return Decision(Action.DELETE, "it is no longer true", first.comment_id, extra)
    if first is None:
        return Decision(Action.CREATE, "there is none yet")
    if _as_stored(first.body) == _as_stored(body):
        return Decision(Action.LEAVE, "it says the same already", first.comment_id, extra)
    return Decision(Action.UPDATE, "it has changed", first.comment_id, extra)


def _as_stored(body: str) -> str:
    """GitHub may keep other line ends, and no blanks at the end."""
    return body.replace("\r\n", "\n").rstrip()
