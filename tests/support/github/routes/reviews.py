"""Reviews, and comments on lines of the diff."""

from typing import Any

from tests.support.github.answers import (
    Answer,
    check_length,
    invalid,
    invalid_all,
    not_found,
    unprocessable,
)
from tests.support.github.call import Call
from tests.support.github.hunks import cut_hunk, find_position_errors
from tests.support.github.pages import page
from tests.support.github.records import CommentPosition, Pull, ReviewComment, Thread
from tests.support.github.shapes import pulls
from tests.support.github.state import ACTIONS_BOT

_RIGHT = "pull_requests"
_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
_COMMENT = "PullRequestReviewComment"
_SUBJECT = "Pull request review thread"
_NO_HUNK = f"{_SUBJECT} diff hunk can't be blank"


def listed(call: Call) -> Answer:
    """Return the reviews; a pending one is visible to its author alone."""
    thread, _ = call.pull()
    call.may_read(_RIGHT)
    reviews = [
        review
        for review in call.state.reviews_of(thread.repo, thread.number)
        if review.state != "PENDING" or review.author == call.login
    ]
    return page(call, reviews, lambda review: pulls.review(call.view, review))


def create(call: Call) -> Answer:
    """Create a review with its comments; one invalid comment refuses all."""
    thread, pull = call.pull()
    call.may_write(_RIGHT)
    body = call.body or {}
    comments = body.get("comments", [])
    _check_review(call, thread, body)
    for draft in comments:
        _check_draft(pull, draft)
    state = _STATES.get(body.get("event", ""), "PENDING")
    review = call.state.review(thread.repo, thread.number, call.login, body.get("body", ""), state)
    for draft in comments:
        _add(call, thread, pull, draft, review=review.id)
    return Answer(200, pulls.review(call.view, review))


def _check_review(call: Call, thread: Thread, body: dict[str, Any]) -> None:
    event = body.get("event", "")
    check_length("PullRequestReview", body.get("body", ""))
    if event == "APPROVE" and call.login == ACTIONS_BOT:
        raise unprocessable("GitHub Actions is not permitted to approve pull requests.")
    if event in {"APPROVE", "REQUEST_CHANGES"} and call.login == thread.author:
        act = "approve" if event == "APPROVE" else "request changes on"
        raise unprocessable(f"Can not {act} your own pull request")
    if event in {"COMMENT", "REQUEST_CHANGES"} and not (body.get("body") or body.get("comments")):
        raise unprocessable("Body can't be blank")


def _check_draft(pull: Pull, draft: dict[str, Any]) -> None:
    """Refuse a comment at an invalid position; GitHub does not name the comment."""
    patch = _patch(pull, draft["path"])
    if patch is None:
        raise unprocessable("Path could not be resolved")
    if "position" in draft:
        return
    if "line" not in draft:
        raise unprocessable("Line could not be resolved")
    wrong = find_position_errors(patch, _position(draft))
    if wrong:
        raise unprocessable(_sentence([f"{_SUBJECT} {each}" for each in wrong] + [_NO_HUNK]))


def _sentence(parts: list[str]) -> str:
    """Join reasons as GitHub does: "a, b, and c"."""
    if len(parts) < 3:
        return " and ".join(parts)
    return ", ".join([*parts[:-1], f"and {parts[-1]}"])


def comments(call: Call) -> Answer:
    """Return the comments on lines, of all reviews."""
    thread, _ = call.pull()
    call.may_read(_RIGHT)
    review_comments = call.state.review_comments_of(thread.repo, thread.number)
    if "sort" in call.query and call.query.get("direction", "desc") == "desc":
        review_comments.reverse()
    return page(
        call,
        review_comments,
        lambda review_comment: pulls.review_comment(call.view, review_comment),
    )


def create_comment(call: Call) -> Answer:
    """Create a single comment on lines, which makes a separate review."""
    thread, pull = call.pull()
    call.may_write(_RIGHT)
    check_length(_COMMENT, call.body["body"])
    if "in_reply_to" in call.body:
        return _replied(call, thread, call.body["in_reply_to"])
    _check_single(pull, call.body)
    review = call.state.review(thread.repo, thread.number, call.login, "", "COMMENTED")
    return _created(call, _add(call, thread, pull, call.body, review=review.id))


def _check_single(pull: Pull, body: dict[str, Any]) -> None:
    """Refuse the same mistakes as in a review, in the older format."""
    field = "pull_request_review_thread"
    missing = {"resource": _COMMENT, "code": "missing_field", "field": f"{field}.diff_hunk"}
    patch = _patch(pull, body["path"])
    if patch is None:
        bad = {"resource": _COMMENT, "code": "invalid", "field": f"{field}.path"}
        raise invalid_all([bad, missing])
    if "line" not in body and "position" not in body and body.get("subject_type") != "file":
        raise invalid(_COMMENT, f"{field}.line", "missing_field")
    wrong = find_position_errors(patch, _position(body))
    if wrong:
        custom = {"resource": _COMMENT, "code": "custom", "field": f"{field}.line"}
        errors = [custom | {"message": f"{field}.{each}"} for each in wrong]
        raise invalid_all([*errors, missing])


def reply(call: Call) -> Answer:
    """Create a reply to a comment on lines, at the same position."""
    thread, _ = call.pull()
    call.may_write(_RIGHT)
    check_length(_COMMENT, call.body["body"])
    return _replied(call, thread, int(call.values["comment_id"]))


def _replied(call: Call, thread: Thread, to: int) -> Answer:
    first = call.state.review_comments.get(to)
    if first is None or (first.repo, first.number) != (thread.repo, thread.number):
        raise not_found()
    reply = call.state.review_comment(
        thread.repo, thread.number, call.login, call.body["body"], first.position,
        commit=first.commit, hunk=first.hunk, review=first.review, reply_to=first.id,
    )  # fmt: skip
    return _created(call, reply)


def _created(call: Call, comment: ReviewComment) -> Answer:
    shown = pulls.review_comment(call.view, comment)
    return Answer(201, shown, {"Location": shown["url"]})


def _add(
    call: Call, thread: Thread, pull: Pull, draft: dict[str, Any], review: int
) -> ReviewComment:
    position = _position(draft)
    hunk = cut_hunk(_patch(pull, position.path) or "", position)
    commit = draft.get("commit_id", pull.head.sha)
    return call.state.review_comment(
        thread.repo, thread.number, call.login, draft["body"], position,
        commit=commit, hunk=hunk, review=review,
    )  # fmt: skip


def one_comment(call: Call) -> Answer:
    """Return a comment on lines by its id."""
    call.may_read(_RIGHT)
    return Answer(200, pulls.review_comment(call.view, _comment(call)))


def edit_comment(call: Call) -> Answer:
    """Change the text of a comment on lines."""
    comment = _comment(call)
    call.may_write(_RIGHT)
    check_length(_COMMENT, call.body["body"])
    edited = call.state.edit_review_comment(comment.id, call.body["body"])
    return Answer(200, pulls.review_comment(call.view, edited))


def delete_comment(call: Call) -> Answer:
    """Delete a comment on lines."""
    comment = _comment(call)
    call.may_write(_RIGHT)
    del call.state.review_comments[comment.id]
    return Answer(204)


def _comment(call: Call) -> ReviewComment:
    repo = call.repository().name
    comment = call.state.review_comments.get(int(call.values["comment_id"]))
    if comment is None or comment.repo.lower() != repo.lower():
        raise not_found()
    return comment


def _patch(pull: Pull, path: str) -> str | None:
    return next((each.patch for each in pull.files if each.name == path), None)


def _position(draft: dict[str, Any]) -> CommentPosition:
    side = draft.get("side", "RIGHT")
    start = draft.get("start_line")
    start_side = draft.get("start_side", side) if start is not None else None
    return CommentPosition(draft["path"], draft.get("line"), side, start, start_side)
