"""`review` where no engine answers: an error, unless nothing has to be built."""

from pathlib import Path

import pytest

from tests.support.command import FinishedRun, start
from tests.support.repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "repository")
    repository.commit({"Dockerfile": "FROM debian:bookworm-slim\nCOPY x /x\n", "x": "1\n"})
    return repository


def review(repository: Repository, *options: str) -> FinishedRun:
    return start(
        "review",
        "--repo",
        repository.path,
        "--base",
        "HEAD",
        *options,
        environment={"DOCKER_HOST": f"unix://{repository.path}/docker.sock"},
    )


def test_without_a_change_no_engine_is_needed(repository: Repository) -> None:
    ended = review(repository, "--format", "json")
    assert (ended.status, ended.images["Dockerfile"]["state"]) == (0, "unchanged")


def test_a_change_without_an_engine_is_an_error(repository: Repository) -> None:
    repository.write({"x": "changed"})
    ended = review(repository)
    assert (ended.status, ended.stdout) == (2, "")
    assert "error: No Docker Engine answers" in ended.stderr
    assert "What to do:" in ended.stderr
