"""The commits of a branch since a revision or a date, also where a shallow clone lacks them."""

import re
import shutil
from pathlib import Path

import pytest

from bot.errors import GitError, InputError, ReviewError
from bot.pull_request.event import Commit
from tests.integration.git.clones import OpenGit, shallow
from tests.support.repository import Repository

_COMMITTER = re.compile(r"^(committer .*> )\d+ [+-]\d{4}$", re.MULTILINE)


def commit_at(origin: Repository, day: int, message: str = "change") -> str:
    """Commit at noon of a day of January 2026: the date is in the text of a commit."""
    origin.commit({"a": str(day)}, message)
    text = origin.git("cat-file", "commit", "HEAD")
    seconds = 1_767_225_600 + (day - 1) * 86_400 + 43_200
    file = origin.path.parent / "commit"
    file.write_text(_COMMITTER.sub(rf"\g<1>{seconds} +0000", text, count=1) + "\n", "utf-8")
    sha = origin.git("hash-object", "-t", "commit", "-w", str(file))
    origin.git("reset", "--quiet", "--hard", sha)
    return sha


@pytest.fixture
def commits(origin: Repository) -> list[str]:
    """Make a commit a day, of which the 4th merges another branch; the oldest first."""
    first, second = commit_at(origin, 1), commit_at(origin, 2, "Add b (#7)")
    origin.branch("topic")
    origin.commit({"b": "1"})
    origin.git("checkout", "--quiet", "main")
    third = commit_at(origin, 3)
    merge = origin.merge("topic")
    return [first, second, third, merge]


def walk(open_git: OpenGit, path: Path, since: str) -> list[str]:
    git = open_git(path)
    return [commit.sha for commit in git.list_commits_since(since, git.resolve_head())]


def test_a_revision_is_the_start(open_git: OpenGit, origin: Repository, commits: list[str]) -> None:
    assert walk(open_git, origin.path, commits[1]) == commits[1:]
    assert walk(open_git, origin.path, "HEAD~1") == commits[2:]
    assert walk(open_git, origin.path, "HEAD") == commits[3:]


def test_of_a_commit_that_was_merged_the_start_is_where_it_forked_off(
    open_git: OpenGit, origin: Repository, commits: list[str]
) -> None:
    git = open_git(origin.path)
    listed = git.list_commits_since("topic", Commit(commits[2]))
    assert [commit.sha for commit in listed] == commits[1:3]
    assert walk(open_git, origin.path, "topic") == commits[1:]


@pytest.mark.parametrize(
    ("since", "start"),
    [
        *(("2026-01-02", 0), ("2026-01-02 13:00 +0000", 1), ("2026-01-03T12:00:00Z", 2)),
        ("2020-01-01", 0),
    ],
)
def test_of_a_date_the_start_is_the_newest_commit_before(
    open_git: OpenGit, origin: Repository, commits: list[str], since: str, start: int
) -> None:
    assert walk(open_git, origin.path, since) == commits[start:]


def test_a_commit_has_its_date_author_and_pull_request(
    open_git: OpenGit, origin: Repository, commits: list[str]
) -> None:
    git = open_git(origin.path)
    start, *_ = git.list_commits_since(commits[1], git.resolve_head())
    assert (start.date, start.author) == ("2026-01-02T12:00:00Z", "Ann")
    assert (start.subject, start.pull_request) == ("Add b (#7)", 7)


@pytest.mark.parametrize("since", ["no-such", "2026-02-31", "HAED~1", "1" * 40, "--all", "-1"])
def test_what_is_neither_is_an_error_that_says_what_to_write(
    open_git: OpenGit, origin: Repository, commits: list[str], since: str
) -> None:
    with pytest.raises(ReviewError, match="is no revision and no date") as raised:
        walk(open_git, origin.path, since)
    assert "2026-01-31" in raised.value.fix


def test_the_future_is_an_error(open_git: OpenGit, origin: Repository, commits: list[str]) -> None:
    with pytest.raises(InputError, match="is in the future"):
        walk(open_git, origin.path, "2099-01-01")


def test_another_history_is_an_error(
    open_git: OpenGit, origin: Repository, commits: list[str]
) -> None:
    origin.git("checkout", "--quiet", "--orphan", "other")
    other = origin.commit({"c": "1"})
    origin.git("checkout", "--quiet", "main")
    with pytest.raises(GitError, match="shares no history"):
        walk(open_git, origin.path, other)


@pytest.mark.parametrize("since", ["2026-01-02", "old", "FIRST", "HEAD~3", "HEAD^~2"])
def test_a_shallow_clone_fetches_what_it_lacks(
    open_git: OpenGit, origin: Repository, commits: list[str], tmp_path: Path, since: str
) -> None:
    origin.git("tag", "old", commits[0])
    git = shallow(open_git, origin, tmp_path / "clone", "main")
    name = commits[0] if since == "FIRST" else since
    listed = [commit.sha for commit in git.list_commits_since(name, git.resolve_head())]
    assert listed == commits
    assert "a" in git.list_files(commits[0])
    assert git.read_file(commits[1], "a") == b"2"


def test_a_history_that_cannot_be_fetched_says_what_to_do(
    open_git: OpenGit, origin: Repository, commits: list[str], tmp_path: Path
) -> None:
    git = shallow(open_git, origin, tmp_path / "clone", "main")
    shutil.rmtree(origin.path)
    with pytest.raises(GitError, match="shallow clone could not be fetched") as raised:
        git.list_commits_since("2026-01-02", git.resolve_head())
    assert "fetch-depth: 0" in raised.value.fix
