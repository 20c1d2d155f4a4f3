"""Clones without contents, as `filter` of actions/checkout leaves them, on a server with a token."""

from pathlib import Path

import pytest

from bot.adapters.git.repository import GitRepository
from bot.errors import GitError
from tests.integration.git.clones import OpenGit, list_git_directory
from tests.support.git_server import GitServer
from tests.support.repository import Repository

FILES: dict[str, str | None] = {
    "Dockerfile": "FROM scratch\n",
    ".dockerignore": "x\n",
    "deep/er/a": "old",
}


def clone(server: GitServer, origin: Repository, to: Path, options: str) -> Repository:
    """Check out the newest commit as actions/checkout does, and keep no credentials."""
    url = server.publish(origin, "app")
    repository = Repository(to)
    header = ("-c", f"http.{server.url}/.extraheader={server.header}")
    repository.git("remote", "add", "origin", url)
    repository.git("config", "remote.origin.promisor", "true")
    partial_filter = options.split(maxsplit=1)[0].removeprefix("--filter=")
    repository.git("config", "remote.origin.partialclonefilter", partial_filter)
    repository.git(*header, "fetch", "--quiet", "--no-tags", *options.split(), "origin", "main")
    repository.git(*header, "checkout", "--quiet", "--detach", "FETCH_HEAD")
    return repository


def read_all(git: GitRepository, sha: str) -> dict[str, str | None]:
    with git.temporary_worktree(sha) as worktree:
        files = (path for path in worktree.root.rglob("*") if path.is_file())
        return {str(path.relative_to(worktree.root)): path.read_text() for path in files}


@pytest.mark.parametrize(
    "options",
    [
        "--filter=blob:none",
        "--filter=blob:none --depth=2",
        "--filter=tree:0",
        "--filter=tree:0 --depth=2",
    ],
)
@pytest.mark.parametrize("credentials", ["token", "checkout-v4", "checkout-v6"])
def test_missing_contents_are_fetched_and_the_clone_stays_as_it_is(
    open_git: OpenGit,
    origin: Repository,
    server: GitServer,
    tmp_path: Path,
    options: str,
    credentials: str,
) -> None:
    old = origin.commit(FILES)
    new = origin.commit({"deep/er/a": "new", "b": "2"})
    repository = clone(server, origin, tmp_path / "clone", options)
    header = (f"http.{server.url}/.extraheader", server.header)
    if credentials == "checkout-v4":
        repository.git("config", *header)
    if credentials == "checkout-v6":
        repository.git("config", "--file", str(tmp_path / "kept"), *header)
        key = f"includeIf.gitdir:{repository.path}/.git.path"
        repository.git("config", key, str(tmp_path / "kept"))
    before = list_git_directory(repository.path)
    token = server.token if credentials == "token" else ""
    git = open_git(repository.path, server.url, token)
    assert git.read_file(old, ".dockerignore") == b"x\n"
    assert set(git.list_files(old)) == set(FILES)
    assert read_all(git, old) == FILES
    assert read_all(git, new) == {**FILES, "deep/er/a": "new", "b": "2"}
    assert server.refused == []
    assert list_git_directory(repository.path) == before


def test_a_file_that_cannot_be_fetched_is_an_error(
    open_git: OpenGit, origin: Repository, server: GitServer, tmp_path: Path
) -> None:
    """Taken for absent, a configuration or an ignore file would be green without its rules."""
    old = origin.commit(FILES)
    origin.commit({".dockerignore": "y\n"})
    repository = clone(server, origin, tmp_path / "clone", "--filter=blob:none")
    git = open_git(repository.path)
    with pytest.raises(GitError, match="git cat-file failed") as caught:
        git.read_file(old, ".dockerignore")
    assert "github-token" in caught.value.fix
    with pytest.raises(GitError, match="git read-tree failed"), git.temporary_worktree(old):
        pass
    assert git.read_file(old, "absent") is None


def test_folders_are_fetched_at_once(
    open_git: OpenGit, origin: Repository, server: GitServer, tmp_path: Path
) -> None:
    """A clone without trees would otherwise ask for each folder by itself."""
    old = origin.commit({f"{number}/a": "1" for number in range(30)})
    origin.commit({f"{number}/a": "2" for number in range(30)})
    repository = clone(server, origin, tmp_path / "clone", "--filter=tree:0")
    git = open_git(repository.path, server.url, server.token)
    before = server.requests
    assert len(git.list_files(old)) == 30
    assert server.requests - before < 10
    parent = git.resolve_revision("HEAD").parents[0]
    assert (parent, git.is_ancestor(git.resolve_revision(old), git.resolve_head())) == (old, True)
