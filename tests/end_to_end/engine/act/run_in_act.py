"""The action as `act` runs it from a workflow, with containers and outputs.

Slow, and it needs Go once, to build act: `make act` runs it, and nothing else does. The runner is
the stand-in for debian:bookworm-slim, since the workflow's steps need no more than a shell; the
action is the image of this repository, named in its action.yml as a release names it. GitHub is an
Enterprise Server with a private certificate, since act accepts no plain HTTP from another server.
The form on the host runs on this machine itself, which act calls self-hosted.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.action_image import IMAGE, build_action_image
from tests.support.engine import PrivateEngine
from tests.support.github import GitHubStandIn
from tests.support.github.authority import Authority
from tests.support.repository import Repository
from tests.support.runner import REPO, ROOT, PullRequest, pull_request

RUNNER = "debian:bookworm-slim"
THIS_MACHINE = "-self-hosted"
DOCKERFILE = "FROM debian:bookworm-slim\nRUN head -c {} /dev/zero > /a\n"
WORKFLOW = """\
on: [pull_request, merge_group, workflow_dispatch]
permissions:
  contents: read
  pull-requests: write
jobs:
  image-size:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - id: size
        uses: ./action
        with: {max-growth: 5MB}
        env: {REQUESTS_CA_BUNDLE: ./authority.pem}
      - if: always()
        run: |
          echo "verdict=<$VERDICT> delta=<$DELTA>"
          test -s "$REPORT"
        env:
          VERDICT: ${{ steps.size.outputs.verdict }}
          DELTA: ${{ steps.size.outputs.delta }}
          REPORT: ${{ steps.size.outputs.report }}
"""


@pytest.fixture(scope="module")
def image(overlay2_engine: PrivateEngine) -> str:
    return build_action_image(overlay2_engine)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def enterprise(authority: Authority) -> Iterator[GitHubStandIn]:
    with GitHubStandIn(tls=authority.context()) as github:
        yield github
    assert github.violations == []


@pytest.fixture
def pull(tmp_path: Path, authority: Authority, enterprise: GitHubStandIn) -> PullRequest:
    """Make a pull request that grows an image, in a repository that uses the action."""
    action = (ROOT / "action.yml").read_text("utf-8")
    host_action = (ROOT / "host/action.yml").read_text("utf-8")
    files = {
        ".github/workflows/size.yml": WORKFLOW,
        ".github/workflows/host.yml": WORKFLOW.replace("./action", "./host"),
        "action/action.yml": action.replace("image: Dockerfile", f"image: docker://{IMAGE}"),
        "host/action.yml": host_action.replace(": Dockerfile\n", f": docker://{IMAGE}\n"),
        "host/run": (ROOT / "host/run").read_text("utf-8"),
        "authority.pem": authority.certificate.read_text("utf-8"),
        "Dockerfile": DOCKERFILE.format(1_000_000),
    }
    after = {"Dockerfile": DOCKERFILE.format(7_000_000)}
    pull = pull_request(tmp_path / "origin", files, after)
    enterprise.add_repository(REPO)
    enterprise.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
    return pull


def act(
    engine: PrivateEngine,
    github: GitHubStandIn,
    pull: PullRequest,
    event: str,
    payload: Mapping[str, Any],
    *,
    workflow: str = "size.yml",
    platform: str = RUNNER,
) -> subprocess.CompletedProcess[str]:
    """Run `act` on one event, with the merge commit checked out."""
    server = f"127.0.0.1:{github.port}"
    checkout = Repository(pull.origin.path.with_name("checkout"))
    checkout.git("fetch", "--quiet", str(pull.origin.path), "refs/pull/7/merge")
    checkout.git("checkout", "--quiet", "-B", "main", "FETCH_HEAD")  # act copies no empty folders
    checkout.git("remote", "add", "origin", f"https://{server}/{REPO}")
    (checkout.path / "host/run").chmod(0o755)
    (checkout.path.parent / "event.json").write_text(json.dumps(payload), "utf-8")
    token = github.token("github-actions[bot]", pull_requests="write")
    program = os.environ.get("ACT", "act")
    command = [program, event, "--eventpath", "../event.json", "--github-instance", server]
    command += ["--workflows", f".github/workflows/{workflow}"]
    command += ["--platform", f"ubuntu-latest={platform}"]
    command += ["--pull=false", "--no-cache-server", "--rm"]
    command += ["--container-daemon-socket", f"unix://{engine.socket}"]
    command += ["--secret", f"GITHUB_TOKEN={token}"]
    environment = {**os.environ, **engine.environment, "HOME": str(checkout.path.parent)}
    return subprocess.run(
        command, cwd=checkout.path, env=environment, capture_output=True, text=True, timeout=600
    )


def run_job(
    engine: PrivateEngine, checkout: Repository, workflow: str, job: str, *options: str
) -> subprocess.CompletedProcess[str]:
    """Run one job of a workflow of ours that a person starts."""
    checkout.git("remote", "add", "origin", f"https://github.com/{REPO}")
    command = [os.environ.get("ACT", "act"), "workflow_dispatch", "--workflows", workflow]
    command += ["--job", job, "--pull=false", "--rm", "--no-cache-server", *options]
    command += ["--platform", f"ubuntu-latest={RUNNER}"]
    command += ["--container-daemon-socket", f"unix://{engine.socket}"]
    environment = {**os.environ, **engine.environment, "HOME": str(checkout.path.parent)}
    return subprocess.run(
        command, cwd=checkout.path, env=environment, capture_output=True, text=True, timeout=600
    )


@pytest.mark.parametrize(("version", "status"), [("0.1.0", 0), ("9.9.9", 1)])
def test_the_first_job_of_a_release(
    overlay2_engine: PrivateEngine, tmp_path: Path, version: str, status: int
) -> None:
    """The further jobs need other runners, GitHub's identity token and its packages."""
    overlay2_engine.ensure(RUNNER)
    checkout = Repository(tmp_path / "checkout")
    workflow = ".github/workflows/release.yml"
    names = (".ci/check-release", workflow, "action.yml", "host/action.yml", "bot/__init__.py")
    files: dict[str, str | None] = {name: (ROOT / name).read_text("utf-8") for name in names}
    files["CHANGELOG.md"] = "# Changes\n\n## 0.1.0, 2026-11-26\n"
    checkout.commit(files)
    (checkout.path / names[0]).chmod(0o755)
    ended = run_job(overlay2_engine, checkout, workflow, "version", "--input", f"version={version}")
    assert ended.returncode == status, ended.stdout + ended.stderr
    assert ("bot/__init__.py has another version" in ended.stdout + ended.stderr) == bool(status)


def test_the_smoke_test_says_what_it_skips(overlay2_engine: PrivateEngine, tmp_path: Path) -> None:
    """What it opens pull requests with is a person's token, and GitHub."""
    overlay2_engine.ensure(RUNNER)
    checkout = Repository(tmp_path / "checkout")
    names = (".ci/smoke", ".github/workflows/smoke.yml")
    checkout.commit({name: (ROOT / name).read_text("utf-8") for name in names})
    (checkout.path / names[0]).chmod(0o755)
    ended = run_job(overlay2_engine, checkout, names[1], "pull-requests")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "| pull requests | skipped | the secret SMOKE_TOKEN is not set |" in ended.stdout


def outputs(ended: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Return the action's outputs as the workflow's last step printed them."""
    return dict(re.findall(r"(verdict|delta)=<([^$]*?)>", ended.stdout))


def test_a_pull_request(
    overlay2_engine: PrivateEngine, image: str, enterprise: GitHubStandIn, pull: PullRequest
) -> None:
    ended = act(overlay2_engine, enterprise, pull, "pull_request", pull.payload)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert outputs(ended) == {"verdict": "fail", "delta": "6000000"}, ended.stdout + ended.stderr
    bodies = [comment.body for comment in enterprise.comments(REPO, 7)]
    assert ["Over budget" in body for body in bodies] == [True], ended.stdout + ended.stderr


def test_a_pull_request_on_the_host(
    overlay2_engine: PrivateEngine, image: str, enterprise: GitHubStandIn, pull: PullRequest
) -> None:
    ended = act(
        overlay2_engine,
        enterprise,
        pull,
        "pull_request",
        pull.payload,
        workflow="host.yml",
        platform=THIS_MACHINE,
    )
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert outputs(ended) == {"verdict": "fail", "delta": "6000000"}, ended.stdout + ended.stderr
    bodies = [comment.body for comment in enterprise.comments(REPO, 7)]
    assert ["Over budget" in body for body in bodies] == [True], ended.stdout + ended.stderr


def test_a_merge_group(
    overlay2_engine: PrivateEngine, image: str, enterprise: GitHubStandIn, pull: PullRequest
) -> None:
    group = {"head_sha": pull.merge, "base_sha": pull.base}
    payload = {**pull.payload, "action": "checks_requested", "merge_group": group}
    del payload["pull_request"]
    ended = act(overlay2_engine, enterprise, pull, "merge_group", payload)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert outputs(ended) == {"verdict": "pass", "delta": "6000000"}
    assert enterprise.comments(REPO, 7) == []


def test_a_run_by_hand(
    overlay2_engine: PrivateEngine, image: str, enterprise: GitHubStandIn, pull: PullRequest
) -> None:
    enterprise.add_commit(REPO, pull.merge)
    payload = {"ref": "refs/heads/main", "repository": pull.payload["repository"]}
    ended = act(overlay2_engine, enterprise, pull, "workflow_dispatch", payload)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert outputs(ended) == {"verdict": "pass", "delta": ""}
