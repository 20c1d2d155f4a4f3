"""The trusted half of a fork's review: an untrusted report, and the comment it leads to."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.doc_links import doc_url
from bot.report.document.report_document import to_document
from tests.events import load
from tests.support.github import GitHubStandIn
from tests.support.image_world import budget, compared, review
from tests.support.repository import Repository
from tests.support.runner import REPO, FinishedJob, Job

HEAD, BASE, NEWER = "a" * 40, "b" * 40, "c" * 40
FORK = "mallory/app"
BOT = "github-actions[bot]"
GROWN = compared("FROM a 10MB", "FROM a 10MB / RUN x 20MB", budget(max_growth="5MB"))


def run_of_fork(head: str = HEAD, branch: str = "topic", repository: str = FORK) -> dict[str, Any]:
    payload = load("workflow_run.fork")
    payload["workflow_run"] |= {
        "head_sha": head,
        "head_branch": branch,
        "head_repository": {"full_name": repository, "fork": True},
    }
    return payload


@pytest.fixture
def job(tmp_path: Path, github: GitHubStandIn) -> Job:
    """Make a job on `workflow_run`, with the report of a fork's run in its workspace."""
    github.add_repository(REPO, collaborators={"alice": "write"})
    github.open_pull_request(REPO, 7, HEAD, BASE, "mallory", head_repo=FORK)
    token = github.token(BOT, pull_requests="write")
    new_job = Job(tmp_path, "workflow_run", run_of_fork(), BASE, github, token)
    new_job.workspace.mkdir()
    new_job.inputs["report"] = "report.json"
    write(new_job, to_document(review(GROWN)))
    return new_job


def write(job: Job, document: Any) -> None:
    (job.workspace / "report.json").write_text(json.dumps(document), "utf-8")


def bodies(github: GitHubStandIn, number: int = 7) -> list[str]:
    return [comment.body for comment in github.comments(REPO, number)]


def assert_posted(done: FinishedJob) -> str:
    assert done.status == 0, done.log
    return done.outputs["comment-url"]


def test_a_forks_report_is_posted(job: Job, github: GitHubStandIn) -> None:
    done = job.run()
    (body,) = bodies(github)
    assert "Over budget" in body
    assert f"head={HEAD}" in body
    assert assert_posted(done).endswith(f"issuecomment-{github.comments(REPO, 7)[0].id}")
    assert done.outputs["verdict"] == "fail"
    assert "Over budget" in done.summary


def test_posting_is_idempotent(job: Job, github: GitHubStandIn) -> None:
    assert assert_posted(job.run()) == assert_posted(job.run())
    writes = [each for each in github.requests if each.method != "GET"]
    assert len(writes) == 1


def test_the_command_posts_the_same_report(job: Job, github: GitHubStandIn, tmp_path: Path) -> None:
    ended = job.run_command("publish", job.workspace / "report.json", "--format", "markdown")
    assert ended.status == 0, ended.stderr
    assert ended.stdout.startswith("### ❌ Over budget")
    assert "Over budget" in bodies(github)[0]


def test_the_pull_request_is_not_the_one_that_the_report_names(
    job: Job, github: GitHubStandIn
) -> None:
    """With two pull requests, GitHub's record of the run decides, not the artifact."""
    github.open_pull_request(REPO, 8, NEWER, BASE, "victim", head_repo="victim/app")
    write(job, {**to_document(review(GROWN)), "pull_request": 8, "number": 8})
    assert_posted(job.run())
    assert (len(bodies(github, 7)), bodies(github, 8)) == (1, [])


def test_a_branch_of_that_name_in_another_fork_is_not_used(job: Job, github: GitHubStandIn) -> None:
    job.payload = run_of_fork(branch="other")
    assert "nothing to do" in job.run().log
    assert bodies(github) == []


def test_a_commit_in_two_pull_requests_is_not_commented_on(job: Job, github: GitHubStandIn) -> None:
    github.open_pull_request(REPO, 8, HEAD, BASE, "mallory", head_repo=FORK, base_ref="release")
    done = job.run()
    assert (done.status, "#7, #8 end in the same commit" in done.log) == (2, True)
    assert bodies(github) == bodies(github, 8) == []


@pytest.mark.parametrize("what", ["closed", "moved on"])
def test_a_closed_or_newer_pull_request_is_not_commented_on(
    job: Job, github: GitHubStandIn, what: str
) -> None:
    if what == "closed":
        github.close(REPO, 7)
    else:
        github.push(REPO, 7, NEWER)
    done = job.run()
    assert (done.status, bodies(github)) == (0, [])
    assert "nothing to do" in done.log


def test_a_forged_verdict_or_approval_is_not_posted(job: Job, github: GitHubStandIn) -> None:
    document = to_document(review(GROWN))
    document["approval"] = {"label": "ok", "login": "boss", "at": "now", "counts": True}
    document["verdict"] = document["images"][0]["verdict"] = "pass"
    document["images"][0]["checks"] = []
    write(job, document)
    assert_posted(job.run())
    (body,) = bodies(github)
    assert "Over budget" in body
    assert "boss" not in body


def test_an_approval_is_read_from_github(job: Job, github: GitHubStandIn) -> None:
    checkout = Repository(job.workspace)
    checkout.commit({".github/image-size.yml": "approve: {label: big-is-fine}\n"})
    github.label(REPO, 7, "big-is-fine", by="alice")
    assert_posted(job.run())
    assert "approved by alice" in bodies(github)[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "does not match its schema"),
        ("[" * 100_000, "cannot be used"),
        ("{", "cannot be used"),
        ('"\\ud800', "cannot be used"),
        (" " * 20_000_001, "larger than 20,000,000 bytes"),
    ],
)
def test_an_invalid_report_is_not_posted(
    job: Job, github: GitHubStandIn, text: str, message: str
) -> None:
    (job.workspace / "report.json").write_text(text, "utf-8")
    done = job.run()
    assert (done.status, message in done.log) == (2, True), done.log
    assert bodies(github) == []


@pytest.mark.parametrize("number", ["1e999", "NaN", "-1", "9" * 5000])
def test_invalid_numbers_are_refused(job: Job, github: GitHubStandIn, number: str) -> None:
    text = json.dumps(to_document(review(GROWN))).replace('"percent": null', f'"percent": {number}')
    (job.workspace / "report.json").write_text(text, "utf-8")
    assert job.run().status == 2
    assert bodies(github) == []


def test_a_report_with_inconsistent_sums_is_not_posted(job: Job, github: GitHubStandIn) -> None:
    document = to_document(review(GROWN))
    document["images"][0]["head"]["unpacked_bytes"] = 1
    write(job, document)
    assert "contradicts itself" in job.run().log
    assert bodies(github) == []


@pytest.mark.parametrize("mode", ["review", "audit"])
def test_nothing_is_built_on_workflow_run(job: Job, github: GitHubStandIn, mode: str) -> None:
    job.inputs["mode"] = mode
    done = job.run()
    assert done.status == 2
    assert "would run with your token" in done.log
    assert f"[forks]({doc_url('forks')})" in done.summary


def test_a_missing_report_or_permission_is_an_error(job: Job, github: GitHubStandIn) -> None:
    job.token = github.token(BOT, pull_requests="read")
    done = job.run()
    assert (done.status, "pull-requests: write" in done.log) == (2, True)
    job.inputs["report"] = "elsewhere.json"
    assert "The report cannot be read" in job.run().log
    del job.inputs["report"]
    assert "There is no report to publish" in job.run().log


def test_comment_changes_posts_only_on_changes(job: Job, github: GitHubStandIn) -> None:
    job.inputs["comment"] = "changes"
    assert_posted(job.run())
    write(job, to_document(review()))
    assert_posted(job.run())
    (body,) = bodies(github)
    assert "Over budget" not in body
