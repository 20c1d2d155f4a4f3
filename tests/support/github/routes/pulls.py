"""Pull requests and the files that they change."""

from tests.support.github.answers import Answer
from tests.support.github.call import Call
from tests.support.github.pages import page
from tests.support.github.shapes import pulls


def get_pull_request(call: Call) -> Answer:
    """Return the pull request."""
    thread, pull = call.pull()
    call.may_read("pull_requests")
    return Answer(200, pulls.pull_request(call.view, thread, pull))


def files(call: Call) -> Answer:
    """Return the changed files, with the hunks that comments can refer to."""
    thread, pull = call.pull()
    call.may_read("pull_requests")
    return page(call, pull.files, lambda file: pulls.diff_entry(call.view, thread, pull, file))
