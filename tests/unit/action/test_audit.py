"""Audits by the action: the revision, the files that it writes, and a schedule that stays green."""

import json
from typing import Any

import pytest

from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn
from tests.support.number_files import csv_numbers, metric_numbers, read_junit, read_sarif
from tests.support.repository import Repository
from tests.support.runner import REPO, FinishedJob, Job, PullRequest


@pytest.fixture
def audit(job: Job, pull: PullRequest) -> Job:
    """Return a job on a schedule, with the merge commit checked out."""
    job.event, job.payload, job.sha = "schedule", {}, pull.merge
    job.inputs.clear()
    return job


def report_of(job: Job, done: FinishedJob) -> Any:
    return json.loads((job.workspace / done.outputs["report"]).read_text("utf-8"))


def test_an_audit_says_of_which_repository_it_is_and_when_it_was_made(
    audit: Job, tools: ArchiveTools
) -> None:
    done = audit.run_here(tools.open)
    report = report_of(audit, done)
    assert report["repository"] == REPO
    assert report["made_at"].startswith("20")
    assert report["totals"]["images"] == 1
    assert REPO in done.summary


@pytest.mark.parametrize(
    ("event", "fail_on", "status"),
    [
        ("schedule", "", 0),
        ("schedule", "fail", 1),
        ("schedule", "never", 0),
        ("workflow_dispatch", "", 1),
    ],
)
def test_a_schedule_is_red_only_if_asked_to(
    audit: Job, tools: ArchiveTools, event: str, fail_on: str, status: int
) -> None:
    audit.event = event
    audit.inputs |= {"max-size": "1kB", "fail-on": fail_on}
    done = audit.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (status, "fail")
    assert ("::error" in done.log) is (status == 1)


def test_a_schedule_whose_audit_cannot_be_made_is_red(audit: Job, tools: ArchiveTools) -> None:
    audit.inputs["images"] = "nothing-of-that-name"
    done = audit.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (2, "error")


def test_a_review_on_a_schedule_fails_as_ever(audit: Job, tools: ArchiveTools) -> None:
    audit.inputs |= {"mode": "review", "base-ref": "main", "max-size": "1kB"}
    done = audit.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (1, "fail")


def test_every_format_is_beside_the_report(audit: Job, tools: ArchiveTools) -> None:
    audit.inputs["format"] = "csv, SARIF\njunit,openmetrics,json"
    done = audit.run_here(tools.open)
    report = report_of(audit, done)
    folder = (audit.workspace / done.outputs["report"]).parent
    size = report["totals"]["unpacked_bytes"]
    assert csv_numbers((folder / "report.csv").read_text("utf-8"))["Dockerfile"][
        "unpacked_bytes"
    ] == (size)
    metrics = metric_numbers((folder / "report.prom").read_text("utf-8"))
    assert metrics[""]["total_unpacked_bytes"] == size
    assert read_sarif((folder / "report.sarif").read_text("utf-8"))["results"] == []
    assert read_junit((folder / "report.xml").read_text("utf-8")).tests == 1
    page = (audit.workspace / done.outputs["html"]).read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert sorted(path.name for path in folder.iterdir() if path.suffix != "") == [
        *("report.csv", "report.html", "report.json", "report.md"),
        *("report.prom", "report.sarif", "report.xml"),
    ]


@pytest.mark.parametrize("name", ["main", "base", "HEAD SHA"])
def test_another_revision_is_audited(
    audit: Job, tools: ArchiveTools, pull: PullRequest, name: str
) -> None:
    revision = {"main": "main", "base": pull.base, "HEAD SHA": pull.head}[name]
    audit.event = "workflow_dispatch"
    audit.inputs["revision"] = revision
    report = report_of(audit, audit.run_here(tools.open))
    expected = pull.head if name == "HEAD SHA" else pull.base
    assert report["head"] == {"ref": revision, "sha": expected}
    assert report["mode"] == "audit"


def test_a_revision_on_a_pull_requests_branch_is_an_audit(
    audit: Job, tools: ArchiveTools, pull: PullRequest
) -> None:
    audit.event, audit.sha = "workflow_dispatch", pull.head
    audit.inputs |= {"revision": pull.head, "github-token": audit.token}
    assert report_of(audit, audit.run_here(tools.open))["mode"] == "audit"


def test_since_names_the_commits_that_changed_the_sizes(
    audit: Job, pull: PullRequest, tools: ArchiveTools
) -> None:
    audit.event = "workflow_dispatch"
    audit.inputs |= {"since": pull.base, "tracking-issue": "true"}
    done = audit.run_here(tools.open)
    since = report_of(audit, done)["since"]
    assert done.status == 0
    (image,) = since["images"]
    parts = [*since["commits"], *since["unexamined"]]
    assert image["delta_bytes"] == sum(part["delta_bytes"] for part in parts)
    assert image["delta_bytes"] > 0
    assert "since" in done.summary
    assert "it is for audits without `since`" in done.log


def test_since_is_for_audits_alone(job: Job, tools: ArchiveTools) -> None:
    job.inputs["since"] = "yesterday"
    done = job.run_here(tools.open)
    assert done.status == 2
    assert "The input `since` is for audits" in done.log


def test_a_misspelt_start_says_what_to_write(audit: Job, tools: ArchiveTools) -> None:
    audit.inputs["since"] = "no-such"
    done = audit.run_here(tools.open)
    assert done.status == 2
    assert "is no revision and no date" in done.log


def test_a_revision_that_does_not_exist_is_named(audit: Job, tools: ArchiveTools) -> None:
    audit.inputs["revision"] = "no-such-branch"
    done = audit.run_here(tools.open)
    assert done.status == 2
    assert "no-such-branch" in done.log


@pytest.mark.parametrize(("where", "secrets"), [("topic", [()]), ("main", [("key",)])])
def test_a_revision_that_the_checkout_does_not_contain_gives_its_builds_no_secrets(
    audit: Job, tools: ArchiveTools, pull: PullRequest, where: str, secrets: list[tuple[str, ...]]
) -> None:
    config = "defaults: {secret-files: ['key=keys/key']}\n"
    own = Repository(audit.workspace).commit({".github/image-size.yml": config, "keys/key": "1"})
    if where == "topic":
        Repository(audit.workspace).git("checkout", "--quiet", "--detach", pull.merge)
        (audit.workspace / "keys").mkdir(exist_ok=True)
        (audit.workspace / "keys/key").write_text("1")
    audit.inputs["revision"] = own
    report = report_of(audit, audit.run_here(tools.open))
    assert report["head"]["sha"] == own
    assert tools.builder.secrets == secrets


def test_a_format_that_does_not_exist_is_a_mistake(audit: Job, tools: ArchiveTools) -> None:
    audit.inputs["format"] = "csv,pdf"
    done = audit.run_here(tools.open)
    assert done.status == 2
    assert "format: 'pdf' is not one of markdown, json, html, csv" in done.log


def test_the_tracking_issue_has_the_page(
    audit: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    audit.inputs["tracking-issue"] = "true"
    audit.run_here(tools.open)
    done = audit.run_here(tools.open)
    (issue,) = [thread for thread in github.threads_of(REPO) if thread.pull is None]
    assert issue.author == "github-actions[bot]"
    page = (audit.workspace / done.outputs["markdown"]).read_text("utf-8")
    assert issue.body.partition("\n")[2] == page
    assert f"issues/{issue.number}" in done.log


@pytest.mark.parametrize("event", ["schedule", "workflow_dispatch"])
def test_without_the_input_there_is_no_issue(
    audit: Job, tools: ArchiveTools, github: GitHubStandIn, event: str
) -> None:
    audit.event = event
    audit.run_here(tools.open)
    assert all(thread.pull for thread in github.threads_of(REPO))


def test_a_token_that_may_not_write_issues_is_a_notice(
    audit: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    audit.token = github.token("github-actions[bot]", issues="read")
    audit.inputs["tracking-issue"] = "true"
    done = audit.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (0, "pass")
    assert "The tracking issue was not updated" in done.log
    assert "issues: write" in done.log


def test_a_review_of_a_pull_request_writes_no_issue(
    job: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    job.inputs["tracking-issue"] = "true"
    done = job.run_here(tools.open)
    assert "it is for audits of a branch" in done.log
    assert all(thread.pull for thread in github.threads_of(REPO))
