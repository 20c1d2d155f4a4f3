"""The working tree as a commit."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.integration.git.clones import OpenGit, list_git_directory
from tests.support.repository import Repository


def test_the_working_tree_includes_uncommitted_changes(
    open_git: OpenGit, origin: Repository
) -> None:
    head = origin.commit({"kept": "1", "gone": "1", "edited": "1", ".gitignore": "*.log\n"})
    origin.write({"gone": None, "edited": "2", "new": "3", "x.log": "4"})
    before = origin.git("status", "--porcelain")
    git = open_git(origin.path)
    snapshot = git.snapshot_working_tree()
    assert set(git.list_files(snapshot.sha)) == {"kept", "edited", "new", ".gitignore"}
    assert git.read_file(snapshot.sha, "edited") == b"2"
    assert snapshot.parents == (head,)
    assert git.snapshot_working_tree() == snapshot
    assert origin.git("status", "--porcelain") == before


def test_a_clean_working_tree_is_its_commit(open_git: OpenGit, origin: Repository) -> None:
    head = origin.commit({"a": "1"})
    assert open_git(origin.path).snapshot_working_tree().sha == head


def test_a_repository_without_commits_has_a_working_tree(
    open_git: OpenGit, origin: Repository
) -> None:
    origin.write({"a": "1"})
    git = open_git(origin.path)
    assert set(git.list_files(git.snapshot_working_tree().sha)) == {"a"}


@pytest.mark.parametrize("patterns", [["--cone", "app"], ["--no-cone", "/app/"]])
def test_a_sparse_working_tree_has_the_other_files_as_committed(
    open_git: OpenGit, origin: Repository, patterns: list[str]
) -> None:
    origin.commit({"app/a": "1", "lib/b": "1", "top": "1"})
    origin.git("sparse-checkout", "set", *patterns)
    origin.write({"app/a": "2", "app/new": "3", "lib/extra": "4"})
    git = open_git(origin.path)
    snapshot = git.snapshot_working_tree()
    assert set(git.list_files(snapshot.sha)) == {"app/a", "app/new", "lib/b", "lib/extra", "top"}
    assert git.read_file(snapshot.sha, "app/a") == b"2"
    assert git.read_file(snapshot.sha, "lib/b") == b"1"


def test_a_change_at_the_moment_of_the_commit_is_seen(
    open_git: OpenGit, origin: Repository
) -> None:
    """With the size and the time of the index's entry, only the index's own time gives it away."""
    origin.git("config", "core.trustctime", "false")
    moment = (1_000_000_000, 1_000_000_000)
    origin.write({"a": "old"})
    os.utime(origin.path / "a", moment)
    origin.commit({})
    origin.write({"a": "new"})
    os.utime(origin.path / "a", moment)
    os.utime(origin.path / ".git/index", moment)
    git = open_git(origin.path)
    assert git.read_file(git.snapshot_working_tree().sha, "a") == b"new"


def test_files_marked_as_unchanged_are_compared_all_the_same(
    open_git: OpenGit, origin: Repository
) -> None:
    origin.commit({"a": "1"})
    origin.git("update-index", "--assume-unchanged", "a")
    origin.write({"a": "2"})
    git = open_git(origin.path)
    assert git.read_file(git.snapshot_working_tree().sha, "a") == b"2"


def test_a_split_index_and_a_merge_in_progress_are_read(
    open_git: OpenGit, origin: Repository
) -> None:
    origin.commit({"a": "1\n"})
    origin.branch("topic")
    origin.commit({"a": "2\n"})
    origin.git("checkout", "--quiet", "main")
    origin.commit({"a": "3\n"})
    origin.git("config", "core.splitIndex", "true")
    with pytest.raises(subprocess.CalledProcessError):
        origin.git("merge", "topic")
    before = {name: content for name, (_, content) in list_git_directory(origin.path).items()}
    git = open_git(origin.path)
    assert b"<<<<<<<" in (git.read_file(git.snapshot_working_tree().sha, "a") or b"")
    # Of a shared index, git itself renews the time whenever it reads it.
    after = {name: content for name, (_, content) in list_git_directory(origin.path).items()}
    assert after == before


def test_a_filter_that_is_not_installed_does_not_matter(
    open_git: OpenGit, origin: Repository
) -> None:
    origin.commit({".gitattributes": "*.bin filter=lfs\n", "a.bin": "1"})
    origin.git("config", "filter.lfs.clean", "program-that-is-not-installed clean -- %f")
    origin.git("config", "filter.lfs.process", "program-that-is-not-installed process")
    origin.git("config", "filter.lfs.required", "true")
    origin.write({"a.bin": "22"})
    git = open_git(origin.path)
    assert git.read_file(git.snapshot_working_tree().sha, "a.bin") == b"22"


def test_a_linked_worktree_is_a_working_tree(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    origin.commit({"a": "1"})
    origin.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    (tmp_path / "linked/a").write_text("2")
    git = open_git(tmp_path / "linked")
    with git.temporary_worktree(git.snapshot_working_tree().sha) as worktree:
        assert (worktree.root / "a").read_text() == "2"


def test_the_commit_of_changes_is_not_kept_in_the_clone(
    open_git: OpenGit, origin: Repository
) -> None:
    """Or a command to reproduce the report would name a commit that nobody has."""
    origin.commit({"a": "1"})
    git = open_git(origin.path)
    assert git.is_kept(git.snapshot_working_tree())
    origin.write({"a": "2"})
    assert not git.is_kept(git.snapshot_working_tree())
