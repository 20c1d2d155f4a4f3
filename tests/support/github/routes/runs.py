"""Workflow runs and what they kept."""

from tests.support.github.answers import Answer, not_found
from tests.support.github.call import Call
from tests.support.github.pages import cut
from tests.support.github.records import Run
from tests.support.github.shapes import runs


def run(call: Call) -> Answer:
    """A run by its id."""
    found = _run(call)
    with_pulls = call.query.get("exclude_pull_requests") != "true"
    return Answer(200, runs.workflow_run(call.view, found, with_pulls=with_pulls))


def artifacts(call: Call) -> Answer:
    """The artifacts of a run, newest first unless asked otherwise."""
    found = _run(call)
    name = call.query.get("name")
    kept = [
        each
        for each in call.state.artifacts.values()
        if each.run == found.id and name in {None, each.name}
    ]
    if call.query.get("direction", "desc") == "desc":
        kept.reverse()
    some, headers = cut(call, kept)
    told = [runs.artifact(call.view, each) for each in some]
    return Answer(200, {"total_count": len(kept), "artifacts": told}, headers)


def _run(call: Call) -> Run:
    where = call.repository()
    call.may_read("actions")
    found = call.state.runs.get(int(call.values["run_id"]))
    if found is None or found.repo.lower() != where.name.lower():
        raise not_found()
    return found
