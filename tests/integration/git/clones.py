"""Clones as actions/checkout makes them, opened with the adapter."""

from collections.abc import Callable
from pathlib import Path

from bot.adapters.git.repository import GitRepository
from tests.support.repository import Repository

OpenGit = Callable[..., GitRepository]


def shallow(
    open_git: OpenGit, origin: Repository, to: Path, ref: str, depth: int = 1
) -> GitRepository:
    """Clone one commit, detached, and nothing else."""
    clone = Repository(to)
    clone.git("remote", "add", "origin", f"file://{origin.path}")
    clone.git("fetch", "--quiet", "--no-tags", f"--depth={depth}", "origin", ref)
    clone.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
    return open_git(to)


def list_git_directory(path: Path) -> dict[str, tuple[int, bytes]]:
    """Return every file of a clone's git directory, with its time and content."""
    files = (file for file in (path / ".git").rglob("*") if file.is_file())
    return {str(file): (file.stat().st_mtime_ns, file.read_bytes()) for file in files}


def programs_without_ssh(folder: Path) -> str:
    """Return a PATH with git alone."""
    (folder / "bin").mkdir()
    (folder / "bin/git").symlink_to("/usr/bin/git")
    return str(folder / "bin")
