"""The commits of a branch itself, also where a shallow clone lacks them."""

import shutil
from pathlib import Path

import pytest

from bot.errors import GitError
from bot.pull_request.event import Commit
from tests.integration.git.clones import OpenGit, shallow
from tests.support.repository import Repository


@pytest.fixture
def commits(origin: Repository) -> list[str]:
    """Make a branch of four commits, of which one merges another branch; the newest first."""
    first = origin.commit({"a": "1"})
    origin.branch("topic")
    origin.commit({"b": "1"})
    origin.git("checkout", "--quiet", "main")
    second = origin.commit({"a": "2"})
    merge = origin.merge("topic")
    return [origin.commit({"a": "3"}), merge, second, first]


def test_merged_commits_are_not_of_the_branch(
    open_git: OpenGit, origin: Repository, commits: list[str]
) -> None:
    git = open_git(origin.path)
    assert git.list_first_parents(Commit(commits[0]), 100) == tuple(commits)
    assert git.list_first_parents(Commit(commits[0]), 2) == tuple(commits[:2])


def test_a_shallow_clone_fetches_what_it_lacks(
    open_git: OpenGit, origin: Repository, commits: list[str], tmp_path: Path
) -> None:
    git = shallow(open_git, origin, tmp_path / "clone", "main")
    assert git.list_first_parents(Commit(commits[0]), 100) == tuple(commits)
    assert git.resolve_head().sha == commits[0]
    assert not git.is_in_history("1" * 40, Commit(commits[0]))


def test_a_history_that_cannot_be_fetched_is_an_error(
    open_git: OpenGit, origin: Repository, commits: list[str], tmp_path: Path
) -> None:
    git = shallow(open_git, origin, tmp_path / "clone", "main")
    shutil.rmtree(origin.path)
    with pytest.raises(GitError, match="history of the base could not be fetched"):
        git.list_first_parents(Commit(commits[0]), 100)


def test_the_date_of_a_commit_is_the_committers_in_utc(
    open_git: OpenGit, origin: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2001-01-01T00:00:00Z")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-11-26T01:30:00+02:00")
    origin.commit({"a": "1"}, "a message\n\ncommitter Bob <b@x> 1 +0000")
    git = open_git(origin.path)
    assert git.read_date(git.resolve_head()) == "2026-11-25T23:30:00Z"
