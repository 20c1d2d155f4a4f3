"""Clones whose remote is an SSH address, where there is neither ssh nor the key: as in our container."""

from pathlib import Path

import pytest

from bot.errors import GitError
from tests.integration.git.clones import OpenGit, programs_without_ssh
from tests.support.git_server import GitServer
from tests.support.repository import Repository

ADDRESSES = (
    "git@127.0.0.1:octo/app.git",
    "git@127.0.0.1:/octo/app.git",
    "org-1234@127.0.0.1:octo/app.git",
    "127.0.0.1:octo/app",
    "ssh://git@127.0.0.1/octo/app.git",
    "ssh://git@127.0.0.1:122/octo/app",
    "ssh://127.0.0.1/octo/app.git",
    "ssh://git@ssh.127.0.0.1:443/octo/app.git",
)


def check_out(origin: Repository, address: str, to: Path) -> Repository:
    """Check out the newest commit alone, as with `ssh-key`: the token is not in the clone."""
    clone = Repository(to)
    clone.git("fetch", "--quiet", "--no-tags", "--depth=1", f"file://{origin.path}", "main")
    clone.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
    clone.git("remote", "add", "origin", address)
    key = '"/runner/bin/ssh" -i "$RUNNER_TEMP/0123" -o StrictHostKeyChecking=yes'
    clone.git("config", "core.sshCommand", key)
    return clone


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_missing_is_fetched_by_https_with_the_token(
    open_git: OpenGit, origin: Repository, server: GitServer, tmp_path: Path, address: str
) -> None:
    base = origin.commit({"a": "1"})
    origin.commit({"a": "2"})
    server.publish(origin, "octo/app")
    clone = check_out(origin, address, tmp_path / "clone")
    git = open_git(clone.path, server.url, server.token, PATH=programs_without_ssh(tmp_path))
    assert git.fetch_ref(base).sha == base
    assert (server.requests > 0, server.refused) == (True, [])


def test_settings_that_ask_for_ssh_do_not_count_where_there_is_none(
    open_git: OpenGit, origin: Repository, server: GitServer, tmp_path: Path
) -> None:
    """Many people have `url.git@github.com:.insteadOf` for all that they clone."""
    base = origin.commit({"a": "1"})
    origin.commit({"a": "2"})
    clone = check_out(origin, server.publish(origin, "octo/app"), tmp_path / "clone")
    clone.git("config", "url.git@127.0.0.1:.insteadOf", f"{server.url}/")
    git = open_git(clone.path, server.url, server.token, PATH=programs_without_ssh(tmp_path))
    assert git.fetch_ref(base).sha == base


@pytest.mark.parametrize(
    "address", ["git@example.com:octo/app.git", "ssh://git@not127.0.0.1/octo/app.git"]
)
def test_another_server_gets_no_token_and_the_error_says_what_to_change(
    open_git: OpenGit, origin: Repository, server: GitServer, tmp_path: Path, address: str
) -> None:
    base = origin.commit({"a": "1"})
    origin.commit({"a": "2"})
    clone = check_out(origin, address, tmp_path / "clone")
    git = open_git(clone.path, server.url, server.token, PATH=programs_without_ssh(tmp_path))
    with pytest.raises(GitError) as caught:
        git.fetch_ref(base)
    assert "HTTPS address" in caught.value.fix
    assert server.requests == 0


def test_a_submodule_with_an_ssh_address_is_fetched_by_https(
    open_git: OpenGit, origin: Repository, server: GitServer, tmp_path: Path
) -> None:
    part = Repository(tmp_path / "part")
    first = part.commit({"inside": "1"})
    server.publish(part, "octo/part")
    modules = '[submodule "part"]\n\tpath = part\n\turl = git@127.0.0.1:octo/part.git\n'
    origin.write({".gitmodules": modules, "a": "1"})
    origin.git("add", "--all")
    origin.git("update-index", "--add", "--cacheinfo", f"160000,{first},part")
    origin.git("commit", "--quiet", "-m", "add")
    head = origin.git("rev-parse", "HEAD")
    clone = check_out(origin, "git@127.0.0.1:octo/app.git", tmp_path / "clone")
    # The folder of a submodule's clone shows that the user wants it; its commit is not there.
    clone.git("init", "--quiet", str(clone.path / "part"))
    git = open_git(clone.path, server.url, server.token, PATH=programs_without_ssh(tmp_path))
    with git.temporary_worktree(head) as worktree:
        assert (worktree.root / "part/inside").read_text() == "1"
    assert server.refused == []
