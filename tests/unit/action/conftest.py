"""A job on a pull request that doubles an image, with GitHub's stand-in and without an engine."""

from pathlib import Path

import pytest

from tests.support.archive_builder import ArchiveBuilder, ArchiveTools
from tests.support.github import GitHubStandIn
from tests.support.runner import REPO, Job, PullRequest, pull_request

BOT = "github-actions[bot]"
DOCKERFILE = "FROM scratch\nCOPY app /\n"


@pytest.fixture
def pull(tmp_path: Path) -> PullRequest:
    before = {"Dockerfile": DOCKERFILE, "app": "x" * 1_000}
    return pull_request(tmp_path / "origin", before, {"app": "x" * 9_000})


@pytest.fixture
def job(tmp_path: Path, github: GitHubStandIn, pull: PullRequest) -> Job:
    """Return a job with the merge commit checked out."""
    job = make_job(tmp_path / "job", github, pull)
    job.inputs["max-growth"] = "5kB"
    return job


def make_job(folder: Path, github: GitHubStandIn, pull: PullRequest) -> Job:
    """Build a job that has no limit, with the merge commit of a pull request checked out."""
    github.add_repository(REPO, collaborators={"alice": "write"})
    github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
    token = github.token(BOT, issues="write", pull_requests="write", statuses="write")
    job = Job(folder, "pull_request", pull.payload, pull.merge, github, token)
    job.check_out(pull.origin, "refs/pull/7/merge")
    return job


@pytest.fixture
def tools(tmp_path: Path) -> ArchiveTools:
    folder = tmp_path / "built"
    folder.mkdir()
    return ArchiveTools(ArchiveBuilder(folder))
