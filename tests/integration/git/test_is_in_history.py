"""A revision that an image names: a commit in the history of another one, or anything else."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.git.repository import GitRepository
from tests.support.repository import Repository


@pytest.fixture
def origin(tmp_path: Path) -> Repository:
    origin = Repository(tmp_path / "origin")
    for number in range(70):
        origin.commit({"file": str(number)})
    origin.git("config", "uploadpack.allowAnySHA1InWant", "true")
    return origin


@pytest.fixture
def shallow(origin: Repository, tmp_path: Path) -> Iterator[GitRepository]:
    """Return a clone with one commit."""
    folder = tmp_path / "clone"
    origin.git("clone", "--quiet", "--depth=1", f"file://{origin.path}", str(folder))
    with GitRepository(folder, os.environ) as git:
        yield git


@pytest.mark.parametrize("distance", [0, 1, 60])
def test_a_shallow_clone_gets_the_history_that_it_takes(
    origin: Repository, shallow: GitRepository, distance: int
) -> None:
    revision = origin.git("rev-parse", f"HEAD~{distance}")
    assert shallow.is_in_history(revision, shallow.resolve_head())


def test_a_newer_commit_and_what_is_none_are_not_in_it(
    origin: Repository, shallow: GitRepository
) -> None:
    newer = origin.commit({"file": "newer"})
    for revision in (newer, newer[:12], "f" * 40, "main", "--all", ""):
        assert not shallow.is_in_history(revision, shallow.resolve_head())


def test_a_history_that_cannot_be_fetched_is_not_known(
    origin: Repository, shallow: GitRepository
) -> None:
    older, head = origin.git("rev-parse", "HEAD~1"), shallow.resolve_head()
    origin.path.rename(origin.path.with_name("gone"))
    assert not shallow.is_in_history(older, head)
