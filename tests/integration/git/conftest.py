import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.adapters.git.repository import GitRepository
from tests.integration.git.clones import OpenGit
from tests.support.git_server import GitServer, open_git_server
from tests.support.repository import Repository


@pytest.fixture
def origin(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "origin")


@pytest.fixture
def open_git() -> Iterator[OpenGit]:
    """Open repositories, which are closed after the test."""
    with ExitStack() as stack:

        def open_repository(
            path: Path, server_url: str = "", token: str = "", **environment: str
        ) -> GitRepository:
            git = GitRepository(path, {**os.environ, **environment}, server_url, token)
            return stack.enter_context(git)

        yield open_repository


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """Serve repositories to whoever has the token `s3cret`."""
    with open_git_server(tmp_path / "server", "s3cret") as git_server:
        yield git_server
