"""Issues and pull requests, and the comments under them."""

from tests.support.github.answers import Answer, check_length, not_found
from tests.support.github.call import Call
from tests.support.github.pages import page
from tests.support.github.records import Comment, Thread
from tests.support.github.shapes import threads
from tests.support.github.shapes.view import format_time


def issue(call: Call) -> Answer:
    """Return the issue, or the pull request as an issue."""
    thread = call.thread()
    call.may_read_in(thread)
    return Answer(200, threads.issue(call.view, thread))


def listed(call: Call) -> Answer:
    """Return the comments, oldest first."""
    thread = call.thread()
    call.may_read_in(thread)
    since = call.query.get("since", "")
    comments = [
        comment
        for comment in call.state.comments(thread.repo, thread.number)
        if format_time(comment.updated) >= since
    ]
    return page(call, comments, lambda comment: threads.comment(call.view, comment))


def create(call: Call) -> Answer:
    """Create a comment."""
    thread = call.thread()
    call.may_write_to(thread)
    check_length("IssueComment", call.body["body"])
    comment = call.state.comment(thread.repo, thread.number, call.login, call.body["body"])
    shown = threads.comment(call.view, comment)
    return Answer(201, shown, {"Location": shown["url"]})


def get_comment(call: Call) -> Answer:
    """Return a comment by its id."""
    comment, thread = _comment(call)
    call.may_read_in(thread)
    return Answer(200, threads.comment(call.view, comment))


def edit(call: Call) -> Answer:
    """Change a comment's text."""
    comment, thread = _comment(call)
    call.may_write_to(thread)
    check_length("IssueComment", call.body["body"])
    edited = call.state.edit_comment(comment.id, call.body["body"], call.login)
    return Answer(200, threads.comment(call.view, edited))


def delete(call: Call) -> Answer:
    """Delete a comment."""
    comment, thread = _comment(call)
    call.may_write_to(thread)
    call.state.delete_comment(comment.id)
    return Answer(204)


def _comment(call: Call) -> tuple[Comment, Thread]:
    """Return the comment in the path; it must belong to the repository in the path."""
    repo = call.repository().name
    comment = call.state.issue_comments.get(int(call.values["comment_id"]))
    if comment is None or comment.repo.lower() != repo.lower():
        raise not_found()
    thread = call.state.thread(comment.repo, comment.number)
    if thread is None:
        raise not_found()
    return comment, thread
