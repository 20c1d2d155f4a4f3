"""The commits that a job compares for its event, and the report's page about them."""

import json
from typing import Any

import pytest

from tests.support.archive_builder import ArchiveTools
from tests.support.repository import Repository
from tests.support.runner import FinishedJob, Job, PullRequest


def report_of(job: Job, done: FinishedJob) -> dict[str, Any]:
    assert "report" in done.outputs, done.log
    document = json.loads((job.workspace / done.outputs["report"]).read_text("utf-8"))
    assert isinstance(document, dict)
    return document


def test_the_merge_commit_is_compared_with_its_first_parent(
    job: Job, tools: ArchiveTools, pull: PullRequest
) -> None:
    report = report_of(job, job.run_here(tools.open))
    assert report["head"] == {"ref": "topic", "sha": pull.merge}
    assert report["base"] == {"ref": "main", "sha": pull.base}
    assert report["command"].startswith(
        f"image-size-review review --base {pull.base} --head {pull.merge} --max-growth 5000"
    )
    assert any(f"{pull.head[:12]} merged into main" in note for note in report["notes"])


def test_a_checked_out_head_is_compared_with_its_fork_point(
    job: Job, tools: ArchiveTools, pull: PullRequest
) -> None:
    job.check_out_again("topic")
    report = report_of(job, job.run_here(tools.open))
    assert report["head"]["sha"] == pull.head
    assert report["base"]["sha"] == pull.origin.git("merge-base", "main", "topic")
    assert not any("merged into" in note for note in report["notes"])


def test_base_ref_overrides_the_base_of_the_event(
    job: Job, tools: ArchiveTools, pull: PullRequest
) -> None:
    pull.origin.branch("release", pull.base)
    release = pull.origin.commit({"app": "x" * 8_500})
    job.inputs["base-ref"] = "release"
    done = job.run_here(tools.open)
    assert report_of(job, done)["base"] == {"ref": "release", "sha": release}
    assert (done.status, done.outputs["delta"]) == (0, "500")


def test_a_push_to_a_branch_is_compared_with_where_it_left_the_default_branch(
    job: Job, tools: ArchiveTools, pull: PullRequest
) -> None:
    job.check_out_again("topic")
    job.event, job.payload = (
        "push",
        {
            "before": "0" * 40,
            "after": pull.head,
            "ref": "refs/heads/topic",
            "repository": {"default_branch": "main"},
        },
    )
    done = job.run_here(tools.open)
    assert report_of(job, done)["base"]["ref"] == "main"
    assert done.outputs["delta"] == "8000"


@pytest.mark.parametrize("event", ["schedule", "workflow_dispatch"])
def test_an_audit_lists_the_images_of_the_checkout(
    job: Job, tools: ArchiveTools, pull: PullRequest, event: str
) -> None:
    job.event, job.payload, job.sha = event, {}, pull.merge
    report = report_of(job, job.run_here(tools.open))
    assert (report["mode"], report["head"]["sha"]) == ("audit", pull.merge)
    assert report["command"] == (f"image-size-review audit --rev {pull.merge} --max-growth 5000")
    assert tools.builder.labels == ["app (head)"]


@pytest.mark.parametrize(("event", "secrets"), [("schedule", [("key",)]), ("pull_request", [()])])
def test_an_audit_of_a_pull_request_gives_its_builds_no_secrets(
    job: Job, tools: ArchiveTools, event: str, secrets: list[tuple[str, ...]]
) -> None:
    config = "defaults: {secret-files: ['key=keys/key']}\n"
    head = Repository(job.workspace).commit({".github/image-size.yml": config, "keys/key": "1"})
    job.payload["pull_request"]["head"]["sha"] = head
    job.inputs["mode"] = "audit"
    job.event = event
    report = report_of(job, job.run_here(tools.open))
    assert tools.builder.secrets == secrets
    assert any("inputs of the workflow" in note for note in report["notes"]) is (secrets == [()])


def test_secrets_of_the_configuration_are_masked_and_not_in_the_report(
    job: Job, tools: ArchiveTools
) -> None:
    config = (
        "images:\n  - name: app\n    dockerfile: Dockerfile\n    context: .\n"
        "    build-args: {DEPLOY_TOKEN: correct-horse-battery}\n"
    )
    checkout = Repository(job.workspace)
    head = checkout.commit({".github/image-size.yml": config})
    job.payload["pull_request"]["head"]["sha"] = head
    job.inputs["base-ref"] = "main"
    done = job.run_here(tools.open)
    assert "::add-mask::correct-horse-battery" in done.log
    assert "correct-horse-battery" not in json.dumps(report_of(job, done))
