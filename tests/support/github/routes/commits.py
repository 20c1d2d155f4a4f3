"""Commits, the pull requests they belong to, and their statuses."""

from http import HTTPStatus

from tests.support.github.answers import Answer, Refusal, invalid
from tests.support.github.call import Call
from tests.support.github.pages import cut, page
from tests.support.github.records import Repository, Thread
from tests.support.github.shapes import commits
from tests.support.github.shapes.pulls import pull_simple

_MAX_DESCRIPTION = 140


def commit(call: Call) -> Answer:
    """Return a commit by its SHA or its branch."""
    where = call.repository()
    call.may_read("contents")
    sha = _resolve(call, where, call.values["ref"])
    created_at = call.state.commits.get((where.name.lower(), sha), where.created)
    return Answer(200, commits.commit(call.view, where, sha, created_at))


def pulls(call: Call) -> Answer:
    """Return pull requests with this head commit: also closed ones, also from forks."""
    where = call.repository()
    call.may_read("pull_requests")
    sha = _resolve(call, where, call.values["commit_sha"])
    pulls = call.state.pulls_of_commit(where.name, sha)

    def shown(thread: Thread) -> object:
        return pull_simple(call.view, thread, thread.pull) if thread.pull else None

    return page(call, pulls, shown)


def combined_status(call: Call) -> Answer:
    """Return the newest status of each context, and the combined state."""
    where = call.repository()
    call.may_read("statuses")
    sha = _resolve(call, where, call.values["ref"])
    statuses = call.state.statuses_of(where.name, sha)
    some, headers = cut(call, statuses)
    shown = [commits.simple_status(call.view, each) for each in some]
    return Answer(
        200, commits.combined_status(call.view, where, sha, shown, len(statuses)), headers
    )


def create_status(call: Call) -> Answer:
    """Set a status of a commit."""
    where = call.repository()
    call.may_write("statuses")
    sha, body = _resolve(call, where, call.values["sha"]), call.body
    description = body.get("description")
    if len(description or "") > _MAX_DESCRIPTION:
        message = f"description is too long (maximum is {_MAX_DESCRIPTION} characters)"
        raise invalid("Status", "description", "custom", message)
    status = call.state.set_status(
        where.name, sha, call.login, body["state"], context=body.get("context", "default"),
        description=description, target_url=body.get("target_url"),
    )  # fmt: skip
    shown = commits.status(call.view, status)
    return Answer(201, shown, {"Location": shown["url"]})


def _resolve(call: Call, where: Repository, ref: str) -> str:
    sha = call.state.resolve(where.name, ref)
    if sha is None:
        message = f"No commit found for SHA: {ref}"
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, message)
    return sha
