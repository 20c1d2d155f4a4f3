"""The files of a revision, written into a folder."""

import os
import subprocess
from pathlib import Path

from tests.integration.git.clones import OpenGit
from tests.support.repository import Repository


def test_a_temporary_worktree_is_removed(open_git: OpenGit, origin: Repository) -> None:
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


def test_hooks_of_the_repository_do_not_run(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    head = origin.commit({"a": "1"})
    hook = origin.path / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    with open_git(origin.path).temporary_worktree(head):
        pass
    assert not (tmp_path / "ran").exists()


def test_a_repository_of_another_user_is_readable(open_git: OpenGit, origin: Repository) -> None:
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
