"""`review` where no engine answers: an error, unless nothing has to be built."""

import json
from collections.abc import Mapping
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


MOVED = "FROM busybox\nLABEL a=b c=d\nWORKDIR /srv\nCOPY . .\nEXPOSE 80\n"


@pytest.mark.parametrize(
    ("head", "subjects"),
    [
        ({"tests/app/Dockerfile": MOVED}, ["the image app/Dockerfile"]),
        ({"app/image.def": MOVED}, ["the image app/Dockerfile"]),
        (
            {"app/notes.py": "from busybox import tools\n", "app/x.sql": "select 1\nfrom a\n"},
            [],
        ),
    ],
)
def test_an_image_that_goes_where_nobody_looks_is_a_warning(
    tmp_path: Path, head: Mapping[str, str], subjects: list[str]
) -> None:
    repository = Repository(tmp_path / "repository")
    repository.commit({"app/Dockerfile": "FROM scratch\nCOPY x /x\n", "app/x": "1\n"})
    repository.write({**head, "app/Dockerfile": None, "app/big": "x" * 9_000})
    ended = review(repository, "--max-growth", "1kB", "--format", "json")
    document = json.loads(ended.stdout)
    assert [change["subject"] for change in document["gate_changes"]] == subjects
    assert document["verdict"] == ("warn" if subjects else "pass")
    # Without a limit there is nothing to escape.
    assert json.loads(review(repository, "--format", "json").stdout)["gate_changes"] == []
