"""The lines of docs/gitlab.md, docs/jenkins.md and docs/shell.md, run in clones as those systems make them.

The change is to a file of no image, and the target branch has moved on by a change of one: nothing is to
be built, but only if the base is the commit at which the change forked off.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.support.git_server import GitServer, open_git_server
from tests.support.repository import Repository

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
COMMITS = 30  # on either side of the fork: more than GitLab clones


def read_block(page: str, language: str) -> str:
    """Return the first block of a language on a page of docs/."""
    blocks = re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    return str(blocks[0])


GITLAB = "\n".join(YAML(typ="safe").load(read_block("gitlab.md", "yaml"))["image-size"]["script"])
JENKINS = "\n".join(re.findall(r"sh '(.*)'", read_block("jenkins.md", "groovy")))
SHELL = read_block("shell.md", "sh").partition("\n")[2]  # without the installation


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with open_git_server(tmp_path / "server", "s3cret") as git_server:
        yield git_server


@pytest.fixture
def change(tmp_path: Path) -> Repository:
    """Make a change that forked off main before main changed the image."""
    origin = Repository(tmp_path / "origin")
    origin.commit({"Dockerfile": "FROM scratch\nCOPY a /\n", "a": "1", ".dockerignore": "*.md\n"})
    origin.branch("topic")
    for number in range(COMMITS):
        origin.commit({"README.md": f"{number}"})
    origin.git("checkout", "--quiet", "main")
    for number in range(COMMITS):
        origin.commit({"a": f"{number}"})
    return origin


def clone(url: str, path: Path, *fetch: str) -> Path:
    """Clone as a runner does: what is checked out is a commit, and no branch."""
    repository = Repository(path)
    repository.git("remote", "add", "origin", url)
    repository.git("fetch", "--quiet", "--no-tags", *fetch)
    repository.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
    return path


def run(lines: str, folder: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run lines of a page in a shell that has the command, and no engine."""
    programs = folder.parent / "programs"
    programs.mkdir()
    program = programs / "image-size-review"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m bot "$@"\n', "utf-8")
    program.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "DOCKER_HOST": "unix:///none",
        "CI": "true",
        **variables,
    }
    command = ["sh", "-euc", lines]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def with_credentials(server: GitServer, url: str) -> str:
    return url.replace("://", f"://x-access-token:{server.token}@")


@pytest.mark.parametrize("depth", [1, 20])
def test_gitlab(server: GitServer, change: Repository, tmp_path: Path, depth: int) -> None:
    url = with_credentials(server, server.publish(change, "app"))
    folder = clone(url, tmp_path / "clone", f"--depth={depth}", "origin", "topic")
    variables = {
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    }
    ended = run(GITLAB, folder, variables)
    assert ended.returncode == 0, ended.stderr
    assert "No image changed" in ended.stdout


def test_the_base_of_a_fork_in_gitlab(
    server: GitServer, change: Repository, tmp_path: Path
) -> None:
    """The pipeline runs in the fork's project, which need not have the target branch."""
    base = change.git("merge-base", "main", "topic")
    change.git("branch", "--quiet", "--move", "main", "elsewhere")
    url = with_credentials(server, server.publish(change, "app"))
    folder = clone(url, tmp_path / "clone", "--depth=20", "origin", "topic")
    lines = GITLAB.replace(
        "origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "$CI_MERGE_REQUEST_DIFF_BASE_SHA"
    )
    assert lines != GITLAB
    ended = run(lines, folder, {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base})
    assert ended.returncode == 0, ended.stderr
    assert "No image changed" in ended.stdout
    assert "has commits that head does not have" not in ended.stdout


def test_a_changed_working_tree_of_a_shallow_clone(
    server: GitServer, change: Repository, tmp_path: Path
) -> None:
    base = change.git("merge-base", "main", "topic")
    url = with_credentials(server, server.publish(change, "app"))
    folder = clone(url, tmp_path / "clone", "--depth=1", "origin", "topic")
    (folder / "README.md").write_text("changed", "utf-8")
    ended = run("image-size-review review --base $BASE", folder, {"BASE": base})
    assert ended.returncode == 0, ended.stderr
    assert "has commits that head does not have" not in ended.stdout


def test_merged_results_in_gitlab(server: GitServer, change: Repository, tmp_path: Path) -> None:
    """What is checked out is the merge of the change into the target branch."""
    change.git("checkout", "--quiet", "-b", "merged", "main")
    change.merge("topic")
    change.git("checkout", "--quiet", "main")
    change.commit({"a": "later"})
    url = with_credentials(server, server.publish(change, "app"))
    folder = clone(url, tmp_path / "clone", "--depth=1", "origin", "merged")
    ended = run(GITLAB, folder, {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"})
    assert ended.returncode == 0, ended.stderr
    assert "No image changed" in ended.stdout


def test_jenkins(server: GitServer, change: Repository, tmp_path: Path) -> None:
    """The clone has no credentials; those of the stage answer for git."""
    url = server.publish(change, "app")
    refspec = ("origin", "topic:refs/remotes/origin/PR-1")
    folder = clone(with_credentials(server, url), tmp_path / "clone", "--depth=1", *refspec)
    subprocess.run(["git", "remote", "set-url", "origin", url], cwd=folder, check=True)
    askpass = tmp_path / "askpass.sh"
    cases = f"Username*) echo x-access-token ;;\nPassword*) echo {server.token} ;;"
    askpass.write_text(f"#!/bin/sh\ncase $1 in\n{cases}\nesac\n", "utf-8")
    askpass.chmod(0o500)
    variables = {"CHANGE_TARGET": "main", "GIT_ASKPASS": str(askpass)}
    ended = run(JENKINS, folder, variables)
    assert ended.returncode == 0, ended.stderr
    assert "No image changed" in ended.stdout
    assert server.token not in ended.stdout + ended.stderr


def test_a_shell(server: GitServer, change: Repository, tmp_path: Path) -> None:
    url = with_credentials(server, server.publish(change, "app"))
    folder = clone(url, tmp_path / "clone", "--depth=1", "origin", "topic")
    ended = run(SHELL, folder, {})
    assert ended.returncode == 0, ended.stderr
    assert "No image changed" in ended.stdout


@pytest.mark.parametrize("lines", [GITLAB, JENKINS, SHELL], ids=["gitlab", "jenkins", "shell"])
def test_without_credentials_it_says_what_is_missing(
    server: GitServer, change: Repository, tmp_path: Path, lines: str
) -> None:
    url = server.publish(change, "app")
    folder = clone(
        with_credentials(server, url), tmp_path / "clone", "--depth=1", "origin", "topic"
    )
    subprocess.run(["git", "remote", "set-url", "origin", url], cwd=folder, check=True)
    variables = {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CHANGE_TARGET": "main"}
    ended = run(lines, folder, variables)
    assert ended.returncode == 2
    assert "'origin/main' is not in this clone, and could not be fetched" in ended.stderr
    assert "could not read Username" in ended.stderr
    assert "What to do: make `git fetch origin` work" in ended.stderr
