"""The working tree as a commit."""

from tests.integration.git.clones import OpenGit
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
