"""The adapter of git, on real repositories."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.adapters.git.repository import GitRepository
from bot.errors import GitError, InputError
from bot.project.renames import Rename
from bot.pull_request.event import ComparisonPair
from tests.support.repository import Repository


@pytest.fixture
def origin(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "origin")


def open_git(path: Path, **environment: str) -> GitRepository:
    return GitRepository(path, {**os.environ, **environment})


def shallow(origin: Repository, to: Path, ref: str, depth: int = 1) -> GitRepository:
    """Clone as actions/checkout does: one commit, detached, nothing else."""
    clone = Repository(to)
    clone.git("remote", "add", "origin", f"file://{origin.path}")
    clone.git("fetch", "--quiet", "--no-tags", f"--depth={depth}", "origin", ref)
    clone.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
    return open_git(to)


def test_a_missing_folder_and_one_without_git_are_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder"):
        open_git(tmp_path / "nowhere")
    with pytest.raises(GitError, match="not in a git repository"):
        open_git(tmp_path)


def test_a_missing_git_program_is_an_error(origin: Repository) -> None:
    origin.commit({"a": "1"})
    with pytest.raises(GitError, match="git is not installed"):
        open_git(origin.path, PATH="/nonexistent").resolve_revision("HEAD")


@pytest.mark.parametrize(
    "name", ["nope", "--help", "-x", "HEAD~7", "$(touch x)", "a b", "", "@{", ":/x"]
)
def test_a_revision_that_does_not_exist_is_an_error(origin: Repository, name: str) -> None:
    origin.commit({"a": "1"})
    with pytest.raises(GitError, match="no revision"):
        open_git(origin.path).resolve_revision(name)
    assert not list(origin.path.glob("x*"))


def test_the_working_tree_includes_uncommitted_changes(origin: Repository) -> None:
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


def test_a_clean_working_tree_is_its_commit(origin: Repository) -> None:
    head = origin.commit({"a": "1"})
    assert open_git(origin.path).snapshot_working_tree().sha == head


def test_a_repository_without_commits_has_a_working_tree(origin: Repository) -> None:
    origin.write({"a": "1"})
    git = open_git(origin.path)
    assert set(git.list_files(git.snapshot_working_tree().sha)) == {"a"}


def test_a_temporary_worktree_is_removed(origin: Repository) -> None:
    old = origin.commit({"a": "old", "d/b": "x"})
    origin.commit({"a": "new"})
    origin.write({"a": "dirty"})
    git = open_git(origin.path)
    with git.temporary_worktree(old) as worktree:
        assert (worktree.root / "a").read_text() == "old"
        assert not (worktree.root / ".git").exists()  # or it would be copied into images
    assert not worktree.root.exists()
    assert (origin.path / "a").read_text() == "dirty"
    assert len(origin.git("worktree", "list").splitlines()) == 1


def test_hooks_of_the_repository_do_not_run(origin: Repository, tmp_path: Path) -> None:
    head = origin.commit({"a": "1"})
    hook = origin.path / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    with open_git(origin.path).temporary_worktree(head):
        pass
    assert not (tmp_path / "ran").exists()


def test_names_of_files_may_be_anything(origin: Repository) -> None:
    names = {"sp ace", "qu'ote\"", "new\nline", "pi|pe", "ü"}
    head = origin.commit(dict.fromkeys(names, "1"))
    git = open_git(origin.path)
    assert set(git.list_files(head)) == names
    assert git.read_file(head, "new\nline") == b"1"


def test_git_variables_of_the_environment_are_ignored(origin: Repository) -> None:
    """As when run from a hook, where git itself has set these."""
    head = origin.commit({"a": "1"})
    git = open_git(origin.path, GIT_DIR="/nonexistent", GIT_INDEX_FILE="/nonexistent")
    assert git.resolve_head().sha == head


def test_a_repository_of_another_user_is_readable(origin: Repository) -> None:
    """The container is root, the workspace is the runner's."""
    head = origin.commit({"a": "1"})
    for path in (origin.path, *origin.path.rglob("*")):
        os.chown(path, 12345, 12345, follow_symlinks=False)
    plain = subprocess.run(["git", "-C", origin.path, "log"], capture_output=True, check=False)
    assert b"dubious ownership" in plain.stderr
    git = open_git(origin.path)
    assert git.resolve_head().sha == head
    with git.temporary_worktree(head) as worktree:
        assert (worktree.root / "a").exists()


def test_the_first_parent_of_a_shallow_merge_is_fetched(origin: Repository, tmp_path: Path) -> None:
    origin.commit({"a": "1"})
    origin.branch("topic")
    head = origin.commit({"b": "1"})
    origin.git("checkout", "--quiet", "main")
    base = origin.commit({"c": "1"})
    merge = origin.merge("topic")
    git = shallow(origin, tmp_path / "clone", "main")
    checkout = git.resolve_head()
    assert (checkout.sha, checkout.parents) == (merge, (base, head))
    settled = git.resolve_pair(ComparisonPair(head=merge, base=base))
    assert settled[1] is not None
    assert set(git.list_files(settled[1].sha)) == {"a", "c"}


def test_a_shallow_clone_is_deepened_to_the_fork_point(origin: Repository, tmp_path: Path) -> None:
    fork = origin.commit({"a": "1"})
    origin.branch("topic")
    for number in range(60):
        head = origin.commit({"b": str(number)})
    origin.git("checkout", "--quiet", "main")
    for number in range(60):
        origin.commit({"c": str(number)})
    git = shallow(origin, tmp_path / "clone", "topic")
    settled = git.resolve_pair(ComparisonPair(head=head, merge_base_with="main"))
    assert settled[1] is not None
    assert settled[1].sha == fork


def test_unrelated_histories_are_an_error(origin: Repository, tmp_path: Path) -> None:
    origin.commit({"a": "1"})
    origin.git("checkout", "--quiet", "--orphan", "island")
    head = origin.commit({"b": "1"})
    git = shallow(origin, tmp_path / "clone", "island")
    with pytest.raises(GitError, match="shares no history"):
        git.resolve_pair(ComparisonPair(head=head, merge_base_with="main"))


def test_a_missing_remote_is_an_error_with_gits_message(origin: Repository, tmp_path: Path) -> None:
    origin.commit({"a": "1"})
    head = origin.commit({"a": "2"})
    git = shallow(origin, tmp_path / "clone", "main")
    shutil.rmtree(origin.path)
    with pytest.raises(GitError) as caught:
        git.resolve_pair(ComparisonPair(head=head, base="1" * 40))
    assert "does not appear to be a git repository" in caught.value.why


def test_the_default_base_is_the_fork_point(origin: Repository) -> None:
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


def test_checked_out_submodules_are_included(origin: Repository, tmp_path: Path) -> None:
    """From the clone's own modules: the commit may be on no server yet, and no remote is asked."""
    part = Repository(tmp_path / "part")
    part.commit({"inside": "1"})
    origin.commit({"a": "1"})
    origin.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(part.path), "part"
    )
    head = origin.commit({})
    shutil.rmtree(part.path)
    git = open_git(origin.path)
    with git.temporary_worktree(head) as worktree:
        assert (worktree.root / "part/inside").read_text() == "1"
        assert list(worktree.root.rglob(".git")) == []
    origin.git("update-index", "--cacheinfo", f"160000,{'1' * 40},part")
    origin.git("commit", "--quiet", "-m", "a commit that nobody has")
    with pytest.raises(GitError, match="submodule"), git.temporary_worktree("HEAD"):
        pass


def test_unresolved_git_lfs_pointers_are_named(origin: Repository) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 7\n"
    head = origin.commit(
        {".gitattributes": "*.bin filter=lfs\n", "a.bin": pointer, "b.bin": "real", "c": pointer}
    )
    with open_git(origin.path).temporary_worktree(head) as worktree:
        assert worktree.lfs_pointers == ("a.bin",)


def test_a_base_commit_that_no_longer_exists_is_none(origin: Repository, tmp_path: Path) -> None:
    """After a forced push, `before` may be gone."""
    head = origin.commit({"a": "1"})
    git = shallow(origin, tmp_path / "clone", "main")
    gone = ComparisonPair(head=head, base="1" * 40, base_may_be_missing=True)
    assert git.resolve_pair(gone) == (git.resolve_revision(head), None)


def test_a_branch_of_the_remote_is_found_and_an_unknown_one_is_an_error(
    origin: Repository, tmp_path: Path
) -> None:
    old = origin.commit({"a": "1"})
    origin.git("tag", "v1")
    origin.commit({"a": "2"})
    git = shallow(origin, tmp_path / "clone", "main")
    assert git.fetch_ref("v1").sha == old
    with pytest.raises(GitError, match="no revision 'nope'"):
        git.fetch_ref("nope")


def test_renames_are_those_of_the_paths_alone(origin: Repository) -> None:
    text = "FROM debian\nRUN a\nRUN b\nRUN c\n"
    old = origin.commit({"Dockerfile": text, "a/[x] y": "1\n2\n3\n4\n", "b": "other\n"})
    origin.git("mv", "Dockerfile", "Container*file")
    origin.git("mv", "a/[x] y", "\N{SNOWMAN}")
    origin.git("mv", "b", "c")
    new = origin.commit({"Container*file": f"{text}RUN d\n"})
    paths = ["Dockerfile", "Container*file", "a/[x] y", "\N{SNOWMAN}"]
    renames = open_git(origin.path).find_renames(old, new, paths)
    assert set(renames) == {
        Rename(83, "Dockerfile", "Container*file"),
        Rename(100, "a/[x] y", "\N{SNOWMAN}"),
    }


def test_a_path_is_the_source_of_one_rename(origin: Repository) -> None:
    text = "".join(f"RUN {number}\n" for number in range(20))
    old = origin.commit({"Dockerfile": text})
    new = origin.commit({"Dockerfile": None, "near": f"{text}RUN x\n", "far": f"{text}{text[:50]}"})
    (rename,) = open_git(origin.path).find_renames(old, new, ["Dockerfile", "near", "far"])
    assert (rename.old, rename.new) == ("Dockerfile", "near")


def test_many_files_do_not_switch_renames_off(origin: Repository) -> None:
    """Leave diff.renameLimit out of account, beyond which git finds identical files alone."""
    old = origin.commit(
        {f"old{number}/Dockerfile": f"FROM x\nRUN {number}\n" for number in range(9)}
    )
    origin.git("config", "diff.renameLimit", "1")
    files = {f"old{number}/Dockerfile": None for number in range(9)}
    new = origin.commit(
        {
            **files,
            **{f"new{number}/Dockerfile": f"FROM x\nRUN {number}\n#\n" for number in range(9)},
        }
    )
    paths = [f"{side}{number}/Dockerfile" for side in ("old", "new") for number in range(9)]
    assert len(open_git(origin.path).find_renames(old, new, paths)) == 9
