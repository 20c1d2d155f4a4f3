"""Submodules in written trees."""

import shutil
from pathlib import Path

import pytest

from bot.errors import GitError
from tests.integration.git.clones import OpenGit
from tests.support.repository import Repository


def test_checked_out_submodules_are_included(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
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
