"""The base of a review in clones as CI makes them: shallow, of one branch, detached."""

import json
import subprocess
from pathlib import Path

import pytest

from bot.errors import GitError
from tests.integration.git.clones import OpenGit, list_git_directory, shallow
from tests.support.git_server import GitServer
from tests.support.repository import Repository

COMMITS = 60  # on each branch: more than the first deepening fetches


@pytest.fixture
def fork(origin: Repository) -> str:
    """Make a branch and a main with long histories since they forked, and return that commit."""
    origin.commit({"a": "0"})
    fork = origin.commit({"a": "1"})
    origin.branch("topic")
    origin.add_empty_commits(COMMITS)
    origin.git("checkout", "--quiet", "main")
    origin.add_empty_commits(COMMITS)
    return fork


@pytest.mark.parametrize("depth", [1, 20])
@pytest.mark.parametrize("name", ["origin/main", "origin/HEAD"])
def test_a_branch_of_the_remote_is_where_the_head_forked_off(
    open_git: OpenGit, origin: Repository, tmp_path: Path, fork: str, depth: int, name: str
) -> None:
    git = shallow(open_git, origin, tmp_path / "clone", "topic", depth)
    before = list_git_directory(tmp_path / "clone")
    assert git.find_base(name, git.resolve_head()).sha == fork
    assert list_git_directory(tmp_path / "clone") == before


def test_the_default_base_of_a_shallow_clone(
    open_git: OpenGit, origin: Repository, tmp_path: Path, fork: str
) -> None:
    git = shallow(open_git, origin, tmp_path / "clone", "topic")
    assert git.find_default_base(git.resolve_head()).sha == fork


def test_a_changed_working_tree_has_the_base_of_its_commit(
    open_git: OpenGit, origin: Repository, tmp_path: Path, fork: str
) -> None:
    git = shallow(open_git, origin, tmp_path / "clone", "topic")
    (tmp_path / "clone/a").write_text("changed", "utf-8")
    head = git.snapshot_working_tree()
    assert git.find_base("origin/main", head).sha == fork
    assert git.find_default_base(head).sha == fork


def test_a_clone_of_one_branch_gets_the_other_one(
    open_git: OpenGit, origin: Repository, tmp_path: Path, fork: str
) -> None:
    """As Jenkins makes it: the whole history, and no branch of the remote but one."""
    options = ("--quiet", "--single-branch", "--branch=topic")
    subprocess.run(["git", "clone", *options, origin.path, tmp_path / "clone"], check=True)
    git = open_git(tmp_path / "clone")
    assert git.find_base("origin/main", git.resolve_head()).sha == fork


def test_other_names_stand_for_their_own_commit(
    open_git: OpenGit, origin: Repository, tmp_path: Path, fork: str
) -> None:
    origin.git("tag", "v1", "main~3")
    tip, tagged = (origin.git("rev-parse", name).strip() for name in ("main", "v1"))
    git = shallow(open_git, origin, tmp_path / "clone", "topic")
    head = git.resolve_head()
    assert [git.find_base(name, head).sha for name in ("main", "v1", fork)] == [tip, tagged, fork]
    full = open_git(origin.path)
    assert full.find_base("main", full.resolve_revision("topic")).sha == tip


def test_a_full_clone_needs_no_server(
    open_git: OpenGit, origin: Repository, tmp_path: Path, fork: str
) -> None:
    subprocess.run(["git", "clone", "--quiet", origin.path, tmp_path / "clone"], check=True)
    origin.path.rename(tmp_path / "gone")
    git = open_git(tmp_path / "clone")
    assert git.find_base("origin/main", git.resolve_revision("origin/topic")).sha == fork


def test_an_older_state_of_the_branch_is_used_without_a_server(
    open_git: OpenGit, origin: Repository, tmp_path: Path, fork: str
) -> None:
    options = ("--quiet", f"--depth={COMMITS + 1}", "--no-single-branch")
    subprocess.run(["git", "clone", *options, origin.path.as_uri(), tmp_path / "clone"], check=True)
    origin.path.rename(tmp_path / "gone")
    git = open_git(tmp_path / "clone")
    assert git.find_base("origin/main", git.resolve_revision("origin/topic")).sha == fork


@pytest.mark.parametrize("name", ["origin/nope", "nope", "b" * 40])
def test_a_name_that_the_remote_has_not_is_an_error(
    open_git: OpenGit, origin: Repository, tmp_path: Path, fork: str, name: str
) -> None:
    git = shallow(open_git, origin, tmp_path / "clone", "topic")
    with pytest.raises(GitError, match=r"no revision|not a branch, tag or commit") as caught:
        git.find_base(name, git.resolve_head())
    assert "the remote has none" in caught.value.why or "nor its remote" in caught.value.why


def test_a_remote_without_credentials_is_a_clear_error(
    open_git: OpenGit, origin: Repository, server: GitServer, tmp_path: Path, fork: str
) -> None:
    url = server.publish(origin, "app")
    shallow(open_git, origin, tmp_path / "clone", "topic")
    Repository(tmp_path / "clone").git("remote", "set-url", "origin", url)
    git = open_git(tmp_path / "clone")
    with pytest.raises(GitError, match="could not be fetched") as caught:
        git.find_base("origin/main", git.resolve_head())
    assert "'origin/main' is not in this clone" in caught.value.what
    assert "GIT_DEPTH: 0" in caught.value.fix
    assert "could not read Username" in caught.value.why


@pytest.mark.parametrize("kind", ["address", "header", "helper", "included", "global", "askpass"])
def test_the_credentials_of_the_clone_are_used(
    open_git: OpenGit, origin: Repository, server: GitServer, tmp_path: Path, fork: str, kind: str
) -> None:
    """GitLab's runner has them in the address, or in a helper, actions/checkout in a header."""
    url = server.publish(origin, "app")
    shallow(open_git, origin, tmp_path / "clone", "topic")
    clone = Repository(tmp_path / "clone")
    environment: dict[str, str] = {}
    if kind == "address":
        url = url.replace("://", f"://x-access-token:{server.token}@")
    elif kind == "header":
        clone.git("config", f"http.{server.url}/.extraheader", server.header)
    elif kind == "helper":
        words = f"username=x-access-token\npassword={server.token}"
        helper = f"!f() {{ printf {json.dumps(words)}; }}; f"
        clone.git("config", f"credential.{server.url}.helper", helper)
    elif kind == "askpass":
        environment["GIT_ASKPASS"] = write_askpass(tmp_path, server)
    else:
        path = write_runner_configuration(tmp_path, server)
        environment["CI_JOB_TOKEN"] = server.token
        if kind == "included":
            clone.git("config", "include.path", path)
        else:
            environment["GIT_CONFIG_GLOBAL"] = path
    clone.git("remote", "set-url", "origin", url)
    git = open_git(tmp_path / "clone", **environment)
    assert git.find_base("origin/main", git.resolve_head()).sha == fork


def write_runner_configuration(folder: Path, server: GitServer) -> str:
    """Write the file that GitLab's runner writes where it keeps tokens out of addresses."""
    path = folder / ".gitlab-runner.ext.conf"
    helper = '!f(){ if [ "$1" = "get" ] ; then echo "password=${CI_JOB_TOKEN}" ; fi ; } ; f'
    for key, value in (("username", "x-access-token"), ("helper", helper)):
        name = f"credential.{server.url}.{key}"
        subprocess.run(["git", "config", "--file", path, name, value], check=True)
    return str(path)


def write_askpass(folder: Path, server: GitServer) -> str:
    path = folder / "askpass"
    cases = f"Username*) echo x-access-token ;; Password*) echo {server.token} ;;"
    path.write_text(f"#!/bin/sh\ncase $1 in\n{cases}\nesac\n", "utf-8")
    path.chmod(0o500)
    return str(path)


def test_a_server_that_gives_no_commit_by_its_hash(
    open_git: OpenGit, origin: Repository, server: GitServer, tmp_path: Path, fork: str
) -> None:
    """The head is reached from the tip of its branch, which every server gives."""
    url = server.publish(origin, "app").replace("://", f"://x-access-token:{server.token}@")
    for key in ("uploadpack.allowAnySHA1InWant", "uploadpack.allowReachableSHA1InWant"):
        folder = str(server.folder / "app.git")
        subprocess.run(["git", "-C", folder, "config", key, "false"], check=True)
    shallow(open_git, origin, tmp_path / "clone", "topic")
    Repository(tmp_path / "clone").git("remote", "set-url", "origin", url)
    git = open_git(tmp_path / "clone")
    assert git.find_base("origin/main", git.resolve_head()).sha == fork


def test_histories_without_a_common_commit_are_an_error(
    open_git: OpenGit, origin: Repository, tmp_path: Path, fork: str
) -> None:
    origin.git("checkout", "--quiet", "--orphan", "other")
    origin.git("commit", "--quiet", "--allow-empty", "--message", "another beginning")
    git = shallow(open_git, origin, tmp_path / "clone", "other")
    with pytest.raises(GitError) as caught:
        git.find_base("origin/main", git.resolve_head())
    assert "shares no history" in caught.value.why
