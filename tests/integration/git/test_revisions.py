"""Names of revisions, files and folders of a clone."""

import tempfile
from pathlib import Path

import pytest

from bot.errors import DiskError, GitError, InputError
from tests.integration.git.clones import OpenGit
from tests.support.repository import Repository


def test_a_missing_folder_and_one_without_git_are_errors(open_git: OpenGit, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder"):
        open_git(tmp_path / "nowhere")
    with pytest.raises(GitError, match="not in a git repository"):
        open_git(tmp_path)


def test_a_missing_git_program_is_an_error(open_git: OpenGit, origin: Repository) -> None:
    origin.commit({"a": "1"})
    with pytest.raises(GitError, match="git is not installed"):
        open_git(origin.path, PATH="/nonexistent").resolve_revision("HEAD")


def test_a_repository_that_git_is_too_old_for_is_an_error(
    open_git: OpenGit, origin: Repository
) -> None:
    """As one with reftables is for git before 2.45."""
    origin.commit({"a": "1"})
    origin.git("config", "core.repositoryFormatVersion", "1")
    origin.git("config", "extensions.ofTomorrow", "true")
    with pytest.raises(GitError) as caught:
        open_git(origin.path).resolve_head()
    assert "unknown repository extension" in caught.value.why
    assert "install a newer git" in caught.value.fix


def test_a_clone_that_borrows_objects_of_a_missing_folder_is_an_error(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    """As a clone with `--reference` is in a container."""
    origin.commit({"a": "1"})
    clone = tmp_path / "clone"
    origin.git("clone", "--quiet", "--shared", ".", str(clone))
    origin.path.rename(tmp_path / "elsewhere")
    with pytest.raises(GitError, match="'HEAD' cannot be read") as caught:
        open_git(clone).resolve_head()
    assert "clone without --reference" in caught.value.fix


def test_a_worktree_of_a_missing_clone_is_an_error(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    origin.commit({"a": "1"})
    origin.git("worktree", "add", "--quiet", str(tmp_path / "worktree"))
    origin.path.rename(tmp_path / "elsewhere")
    with pytest.raises(GitError) as caught:
        open_git(tmp_path / "worktree").resolve_head()
    assert "not a worktree of another" in caught.value.fix


@pytest.mark.parametrize(
    "name", ["nope", "--help", "-x", "HEAD~7", "$(touch x)", "a b", "", "@{", ":/x"]
)
def test_a_revision_that_does_not_exist_is_an_error(
    open_git: OpenGit, origin: Repository, name: str
) -> None:
    origin.commit({"a": "1"})
    with pytest.raises(GitError, match="no revision"):
        open_git(origin.path).resolve_revision(name)
    assert not list(origin.path.glob("x*"))


def test_git_variables_of_the_environment_are_ignored(
    open_git: OpenGit, origin: Repository
) -> None:
    """As when run from a hook, where git itself has set these."""
    head = origin.commit({"a": "1"})
    git = open_git(origin.path, GIT_DIR="/nonexistent", GIT_INDEX_FILE="/nonexistent")
    assert git.resolve_head().sha == head


def test_the_default_base_is_the_fork_point(open_git: OpenGit, origin: Repository) -> None:
    fork = origin.commit({"a": "1"})
    origin.branch("topic")
    origin.commit({"b": "1"})
    origin.git("checkout", "--quiet", "main")
    origin.commit({"c": "1"})
    git = open_git(origin.path)
    assert git.find_default_base(git.resolve_revision("topic")).sha == fork
    origin.git("branch", "-m", "main", "trunk")
    with pytest.raises(GitError, match="no default branch"):
        git.find_default_base(git.resolve_revision("topic"))


def test_names_of_files_may_be_anything(open_git: OpenGit, origin: Repository) -> None:
    names = {"sp ace", "qu'ote\"", "new\nline", "pi|pe", "ü"}
    head = origin.commit(dict.fromkeys(names, "1"))
    git = open_git(origin.path)
    assert set(git.list_files(head)) == names
    assert git.read_file(head, "new\nline") == b"1"


def test_the_files_of_a_commit_are_listed_once(open_git: OpenGit, origin: Repository) -> None:
    head = origin.commit({"a": "1"})
    git = open_git(origin.path)
    assert git.list_files(head) is git.list_files(head)


def test_a_temporary_folder_that_cannot_be_written_is_an_error(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    head = origin.commit({"a": "1"})
    git = open_git(origin.path)
    usual, tempfile.tempdir = tempfile.tempdir, str(tmp_path / "gone")
    try:
        with pytest.raises(DiskError, match="No temporary folder") as caught:
            git.resolve_revision(head)
    finally:
        tempfile.tempdir = usual
    assert "TMPDIR" in caught.value.fix


def test_a_damaged_history_is_an_error(open_git: OpenGit, origin: Repository) -> None:
    """Without the commit between them, two others would seem to be unrelated."""
    first = origin.commit({"a": "1"})
    middle = origin.commit({"a": "2"})
    last = origin.commit({"a": "3"})
    git = open_git(origin.path)
    commits = git.resolve_revision(first), git.resolve_revision(last)
    (origin.path / ".git/objects" / middle[:2] / middle[2:]).unlink()
    with pytest.raises(GitError, match="histories could not be compared"):
        git.is_ancestor(*commits)
