"""The action's own image, built and run as GitHub's runner does."""

import re
import shlex
from pathlib import Path

import pytest

from bot import __version__
from tests.support.action_image import BOUND, build_action_image
from tests.support.command import start
from tests.support.engine import PrivateEngine
from tests.support.github import GitHubStandIn
from tests.support.repository import Repository
from tests.support.runner import REPO, ROOT, Job, pull_request

README = (ROOT / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def image(overlay2_engine: PrivateEngine) -> str:
    return build_action_image(overlay2_engine)


def test_the_image_reviews_a_pull_request(
    overlay2_engine: PrivateEngine, image: str, github: GitHubStandIn, tmp_path: Path
) -> None:
    dockerfile = "FROM debian:bookworm-slim\nRUN head -c {} /dev/zero > /a\n"
    pull = pull_request(
        tmp_path / "origin",
        {"Dockerfile": dockerfile.format(1_000_000)},
        {"Dockerfile": dockerfile.format(7_000_000)},
    )
    github.add_repository(REPO)
    github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
    token = github.token("github-actions[bot]", issues="write", pull_requests="write")
    job = Job(tmp_path / "job", "pull_request", pull.payload, pull.merge, github, token)
    job.inputs["max-growth"] = "5MB"
    job.check_out(pull.origin, "refs/pull/7/merge")
    plant_traps(job.workspace)
    # What a shallow checkout lacks is fetched from its remote, which a container sees only by network.
    job.workspace.joinpath(".git/shallow").unlink()
    pull.origin.git(
        "push",
        "--quiet",
        f"file://{job.workspace}/.git",
        "main:refs/heads/have",
        "topic:refs/heads/had",
    )
    done = job.run_container(overlay2_engine, image)
    assert done.status == 1, done.log
    assert done.outputs["delta"] == "6000000"
    (comment,) = github.comments(REPO, 7)
    assert "Over budget" in comment.body
    assert done.outputs["comment-url"].endswith(str(comment.id))
    assert "Over budget" in done.summary


def plant_traps(workspace: Path) -> None:
    """Write modules that shadow ours and Python's if a checkout is on the import path."""
    for name in ("bot/__init__.py", "json.py", "docker/__init__.py"):
        path = workspace / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("raise SystemExit('imported from the workspace')\n", "utf-8")


def test_the_image_reviews_a_working_tree_as_the_readme_says(
    overlay2_engine: PrivateEngine, image: str, tmp_path: Path
) -> None:
    """The README's command, on the private engine's socket and the tests' tag."""
    repository = Repository(tmp_path)
    repository.commit({"Dockerfile": "FROM debian:bookworm-slim\nCOPY Dockerfile /a\n"})
    repository.git("checkout", "--quiet", "-b", "topic")
    repository.commit(
        {"Dockerfile": "FROM debian:bookworm-slim\nRUN head -c 9000000 /dev/zero > /a\n"}
    )
    (shown,) = re.findall(r"^docker (run .*) image-size-review review$", README, re.MULTILINE)
    socket = overlay2_engine.environment["DOCKER_HOST"].removeprefix("unix://")
    shown = shown.replace("/var/run/docker.sock", socket, 1).replace("$PWD", str(tmp_path))
    report = overlay2_engine.docker(*shlex.split(shown), image, "review")
    assert "grew by 9.00 MB" in report


def test_the_image_is_small(overlay2_engine: PrivateEngine, image: str) -> None:
    ended = start("measure", image, "--format", "json", environment=overlay2_engine.environment)
    (measured,) = ended.report["images"]
    assert measured["head"]["unpacked_bytes"] < BOUND


def test_jobs_of_other_ci_systems_find_the_command(
    overlay2_engine: PrivateEngine, image: str
) -> None:
    """They run a shell in the image, in place of its entry point."""
    options = ("--rm", "--entrypoint", "sh", image, "-c")
    version = overlay2_engine.docker("run", *options, "image-size-review --version")
    assert version == f"image-size-review {__version__}\n"
