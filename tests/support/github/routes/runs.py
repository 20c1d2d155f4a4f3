"""Workflow runs and what they kept."""

from tests.support.github.answers import Answer, not_found
from tests.support.github.call import Call
from tests.support.github.pages import cut
from tests.support.github.records import Run
from tests.support.github.shapes import runs


def run(call: Call) -> Answer:
    """Return a run by its id."""
    workflow_run = _run(call)
    with_pulls = call.query.get("exclude_pull_requests") != "true"
    return Answer(200, runs.workflow_run(call.view, workflow_run, with_pulls=with_pulls))


def artifacts(call: Call) -> Answer:
    """Return the artifacts of a run, newest first by default."""
    workflow_run = _run(call)
    name = call.query.get("name")
    matching = [
        artifact
        for artifact in call.state.artifacts.values()
        if artifact.run == workflow_run.id and name in {None, artifact.name}
    ]
    if call.query.get("direction", "desc") == "desc":
        matching.reverse()
    some, headers = cut(call, matching)
    shown = [runs.artifact(call.view, artifact) for artifact in some]
    return Answer(200, {"total_count": len(matching), "artifacts": shown}, headers)


def _run(call: Call) -> Run:
    where = call.repository()
    call.may_read("actions")
    workflow_run = call.state.runs.get(int(call.values["run_id"]))
    if workflow_run is None or workflow_run.repo.lower() != where.name.lower():
        raise not_found()
    return workflow_run
