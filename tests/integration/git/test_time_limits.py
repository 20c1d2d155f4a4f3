"""A server that never answers, and a command that never ends."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.git.git_command import GitCommand, make_git_environment
from bot.errors import GitError
from tests.integration.git.clones import OpenGit
from tests.support.repository import Repository


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Listen on a port, and answer nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_server_that_sends_nothing_ends_in_an_error(
    open_git: OpenGit, origin: Repository, silent_port: int
) -> None:
    """Without a setting of the user's it takes two minutes."""
    origin.commit({"a": "1"})
    origin.git("remote", "add", "origin", f"http://127.0.0.1:{silent_port}/app.git")
    origin.git("config", "http.lowSpeedTime", "1")
    with pytest.raises(GitError, match="git fetch failed") as caught:
        open_git(origin.path).fetch_ref("elsewhere")
    assert "Operation too slow" in caught.value.why
    assert "check the network" in caught.value.fix


def test_a_command_that_does_not_end_is_ended(tmp_path: Path) -> None:
    git = GitCommand(tmp_path, make_git_environment(os.environ), timeout_s=0.2)
    sleeping = git.with_settings(("alias.sleeping", "!sleep 1000"))
    with pytest.raises(GitError, match="git sleeping did not end within"):
        sleeping.run("sleeping")
    assert git.timeout_s < git.__class__(tmp_path, {}).timeout_s
