"""Comment, review and status of a report, also if GitHub refuses them."""

import pytest

from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn, Status, match_requests
from tests.support.repository import Repository
from tests.support.runner import REPO, Job, PullRequest

CONFIG = ".github/image-size.yml"


def configure(job: Job, pull: PullRequest, text: str) -> None:
    """Commit a configuration to both revisions: what it says here is for base to say."""
    pull.origin.commit({CONFIG: text})
    head = Repository(job.workspace).commit({CONFIG: text})
    job.payload["pull_request"]["head"]["sha"] = head
    job.inputs["base-ref"] = "main"
    job.github.push(REPO, 7, head)


def test_without_a_token_a_notice_says_so(job: Job, tools: ArchiveTools) -> None:
    job.token = ""
    done = job.run_here(tools.open)
    assert (done.status, done.outputs["comment-url"]) == (1, "")
    assert "::notice::Nothing was posted: there is no github-token." in done.log


def test_with_comment_never_no_comment_is_posted(
    job: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    job.inputs["comment"] = "never"
    assert job.run_here(tools.open).outputs["comment-url"] == ""
    assert github.comments(REPO, 7) == []


def test_a_second_run_updates_the_comment(
    job: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    first = job.run_here(tools.open)
    job.inputs["max-growth"] = "10kB"
    second = job.run_here(tools.open)
    (comment,) = github.comments(REPO, 7)
    assert "Over budget" not in comment.body
    assert first.outputs["comment-url"] == second.outputs["comment-url"] != ""
    assert "Comment: update" in second.log


@pytest.mark.parametrize("status", [403, 404, 422])
def test_a_refused_comment_is_a_notice_and_the_verdict_stays(
    job: Job, tools: ArchiveTools, github: GitHubStandIn, status: int
) -> None:
    github.inject_fault(match_requests("POST", ".*/comments"), fault=Status(status), times=9)
    done = job.run_here(tools.open)
    assert (done.status, done.outputs["verdict"], done.outputs["comment-url"]) == (1, "fail", "")
    assert "::notice::" in done.log
    assert github.comments(REPO, 7) == []


def test_a_refused_comment_does_not_keep_the_commit_status(
    job: Job, tools: ArchiveTools, github: GitHubStandIn, pull: PullRequest
) -> None:
    configure(job, pull, "commit-status: image-size\n")
    github.inject_fault(match_requests("POST", ".*/comments"), fault=Status(403), times=9)
    job.run_here(tools.open)
    sha = job.payload["pull_request"]["head"]["sha"]
    (posted,) = github.statuses_of(REPO, sha)
    assert (posted.context, posted.state) == ("image-size", "failure")


@pytest.mark.parametrize(("limit", "state"), [("5kB", "failure"), ("10kB", "success")])
def test_the_commit_status_is_that_of_the_job(
    job: Job, tools: ArchiveTools, pull: PullRequest, limit: str, state: str
) -> None:
    configure(job, pull, "commit-status: image-size\n")
    job.inputs["max-growth"] = limit
    job.run_here(tools.open)
    sha = job.payload["pull_request"]["head"]["sha"]
    (posted,) = job.github.statuses_of(REPO, sha)
    assert (posted.state, posted.target_url) == (
        state,
        "https://github.com/octo/app/actions/runs/1234",
    )


def test_an_approval_by_label_lets_the_job_pass(
    job: Job, tools: ArchiveTools, github: GitHubStandIn, pull: PullRequest
) -> None:
    configure(job, pull, "approve: {label: big-is-fine}\n")
    github.label(REPO, 7, "big-is-fine", by="alice")
    done = job.run_here(tools.open)
    assert done.status == 0, done.log
    assert "approved by alice" in github.comments(REPO, 7)[0].body


def test_a_pull_request_does_not_name_the_label_that_approves_it(
    job: Job, tools: ArchiveTools, github: GitHubStandIn, pull: PullRequest
) -> None:
    """A maintainer set `bug` for another reason."""
    configure(job, pull, "approve: {label: big-is-fine}\n")
    head = Repository(job.workspace).commit({CONFIG: "approve: {label: bug}\n"})
    job.payload["pull_request"]["head"]["sha"] = head
    github.push(REPO, 7, head)
    github.label(REPO, 7, "bug", by="alice")
    done = job.run_here(tools.open)
    assert done.status == 1
    assert "approved by alice" not in done.summary


def test_a_base_without_a_file_has_the_usual_label_and_no_commit_status(
    job: Job, tools: ArchiveTools, github: GitHubStandIn, pull: PullRequest
) -> None:
    text = "approve: {label: bug}\ncommit-status: required/security-scan\n"
    head = Repository(job.workspace).commit({CONFIG: text})
    job.payload["pull_request"]["head"]["sha"] = head
    job.inputs["base-ref"] = "main"
    github.push(REPO, 7, head)
    github.label(REPO, 7, "bug", by="alice")
    assert job.run_here(tools.open).status == 1
    assert github.statuses_of(REPO, head) == []
    github.label(REPO, 7, "image-size-approved", by="alice")
    assert job.run_here(tools.open).status == 0


def test_an_approval_that_cannot_be_read_is_no_approval(
    job: Job, tools: ArchiveTools, github: GitHubStandIn, pull: PullRequest
) -> None:
    configure(job, pull, "approve: {label: big-is-fine}\n")
    github.label(REPO, 7, "big-is-fine", by="alice")
    github.inject_fault(match_requests("GET", ".*/issues/7.*"), fault=Status(403), times=9)
    done = job.run_here(tools.open)
    assert done.status == 1
    assert "::notice::" in done.log
