"""Two steps of the action on one pull request: none takes the report of the other."""

from collections.abc import Mapping

import pytest

from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn
from tests.support.runner import REPO, FinishedJob, Job, PullRequest

BOTH = ["app (base)", "app (head)"]
FLAVORS = ({"build-args": "FLAVOR=full"}, {"build-args": "FLAVOR=slim"})


def run(job: Job, tools: ArchiveTools, inputs: Mapping[str, str], label: str = "") -> FinishedJob:
    """Run a step on the event of opening, or on that of a label."""
    action = {"action": "labeled", "label": {"name": label}} if label else {"action": "opened"}
    usual = job.inputs
    job.payload, job.inputs = {**job.payload, **action}, {**usual, **inputs}
    tools.builder.labels.clear()
    done = job.run_here(tools.open)
    job.inputs = usual
    return done


@pytest.mark.parametrize(
    ("inputs", "verdict"),
    [
        ({"max-growth": "10kB"}, "pass"),
        ({"max-size": "2kB"}, "fail"),
        ({"base-ref": "same"}, "warn"),
        ({"build-args": "FLAVOR=slim"}, "fail"),
        ({"build-args": "API_TOKEN=hunter2hunter2"}, "fail"),
        ({"verify-suggestions": "true"}, "fail"),
    ],
)
def test_a_label_judges_the_report_of_its_own_step(
    job: Job,
    tools: ArchiveTools,
    pull: PullRequest,
    inputs: dict[str, str],
    verdict: str,
) -> None:
    pull.origin.git("branch", "same", "refs/pull/7/merge")
    other = run(job, tools, inputs)
    assert other.outputs["verdict"] == verdict
    done = run(job, tools, {}, label="docs")
    assert (done.status, done.outputs["verdict"]) == (1, "fail")
    assert tools.builder.labels == BOTH
    again = run(job, tools, {}, label="docs")
    assert (again.status, tools.builder.labels) == (1, [])


def test_steps_with_other_build_arguments_have_separate_comments(
    job: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    for inputs in FLAVORS:
        run(job, tools, inputs)
    assert len(github.comments(REPO, 7)) == 2
    for inputs in FLAVORS:
        assert run(job, tools, inputs, label="docs").status == 1
        assert tools.builder.labels == []
    assert len(github.comments(REPO, 7)) == 2


def test_a_retargeted_pull_request_is_reviewed_again(
    job: Job, tools: ArchiveTools, pull: PullRequest
) -> None:
    """The head is the same, and the new base is the one that the review compares with."""
    pull.origin.git("checkout", "--quiet", "topic")
    larger = pull.origin.commit({"app": "x" * 8_500})
    _check_out_merge(job, pull, larger)
    pull.origin.git("branch", "--force", "release", larger)
    assert _retarget(job, tools, "release").outputs["verdict"] == "pass"
    _check_out_merge(job, pull, pull.base)
    done = _retarget(job, tools, "main", label="docs")
    assert (done.status, done.outputs["verdict"]) == (1, "fail")
    assert tools.builder.labels == BOTH


def test_a_base_branch_that_moved_on_is_compared_anew(
    job: Job, tools: ArchiveTools, pull: PullRequest
) -> None:
    assert run(job, tools, {}).status == 1
    pull.origin.git("checkout", "--quiet", "main")
    _check_out_merge(job, pull, pull.origin.commit({"app.txt": "moved on"}))
    assert run(job, tools, {}, label="docs").status == 1
    assert tools.builder.labels == BOTH


def _retarget(job: Job, tools: ArchiveTools, base: str, label: str = "") -> FinishedJob:
    described = {**job.payload["pull_request"], "base": {"ref": base, "sha": "0" * 40}}
    job.payload = {**job.payload, "pull_request": described}
    return run(job, tools, {}, label)


def _check_out_merge(job: Job, pull: PullRequest, base: str) -> None:
    """Make the merge of the same head with another base, as GitHub does."""
    git = pull.origin.git
    merge = git("commit-tree", f"{pull.head}^{{tree}}", "-p", base, "-p", pull.head, "-m", "merge")
    git("update-ref", "refs/pull/7/merge", merge)
    job.check_out_again("refs/pull/7/merge")
