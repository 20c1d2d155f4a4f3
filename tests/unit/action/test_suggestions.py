"""Suggestions as review comments: posted once, and only on lines that the pull request changes."""

from pathlib import Path

import pytest

from tests.support.archive_builder import ArchiveBuilder, ArchiveTools
from tests.support.github import GitHubStandIn, Status, match_requests
from tests.support.runner import REPO, Job, PullRequest, pull_request
from tests.support.suggestions import make_patch

OLD = "FROM scratch\nCOPY app /\n"
# `stages-by-number` suggests the name of the stage.
NEW = "FROM scratch AS build\nCOPY app /\nFROM scratch\nCOPY --from=0 /app /\nCOPY app /\n"


@pytest.fixture
def reviewed(tmp_path: Path, github: GitHubStandIn) -> Job:
    pull = pull_request(tmp_path / "origin", {"Dockerfile": OLD, "app": "x"}, {"Dockerfile": NEW})
    github.add_repository(REPO)
    files = {"Dockerfile": make_patch(OLD, NEW)}
    github.open_pull_request(REPO, 7, pull.head, pull.base, "alice", files=files)
    return make_job(tmp_path, github, pull)


def make_job(folder: Path, github: GitHubStandIn, pull: PullRequest) -> Job:
    token = github.token("github-actions[bot]", issues="write", pull_requests="write")
    job = Job(folder / "job", "pull_request", pull.payload, pull.merge, github, token)
    job.inputs["review-comments"] = "true"
    job.check_out(pull.origin, "refs/pull/7/merge")
    return job


@pytest.fixture
def tools(tmp_path: Path) -> ArchiveTools:
    folder = tmp_path / "built"
    folder.mkdir()
    return ArchiveTools(ArchiveBuilder(folder))


def test_a_suggestion_is_posted_once(
    reviewed: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    done = reviewed.run_here(tools.open)
    assert "Suggestions on lines of the pull request: 1." in done.log
    (comment,) = github.review_comments_of(REPO, 7)
    assert "```suggestion" in comment.body
    assert "Suggestions on lines" not in reviewed.run_here(tools.open).log
    assert len(github.review_comments_of(REPO, 7)) == 1


def test_no_suggestion_is_posted_without_the_input(
    reviewed: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    reviewed.inputs["review-comments"] = "false"
    reviewed.run_here(tools.open)
    assert github.review_comments_of(REPO, 7) == []


def test_a_refused_review_is_a_notice(
    reviewed: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    github.inject_fault(match_requests("POST", ".*/reviews"), fault=Status(403), times=9)
    done = reviewed.run_here(tools.open)
    assert done.status == 0, done.log
    assert "::notice::" in done.log
