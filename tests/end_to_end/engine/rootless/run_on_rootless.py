"""The form of the action that runs on the host, on engines that are not root's.

Slow, and it installs what makes an engine rootless: `make rootless` runs it, and nothing else does.
The action's image and the base images are copied from the private engine.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bot.adapters.docker.container_runner import DockerContainerRunner
from bot.adapters.docker.engine_handle import EngineHandle
from tests.end_to_end.engine.test_needs_of_builds import make_job
from tests.end_to_end.engine.test_private_bases import fetch_all
from tests.support.action_image import IMAGE, build_action_image
from tests.support.command import start
from tests.support.engine import PrivateEngine
from tests.support.github import GitHubStandIn
from tests.support.runner import REPO, Job
from tests.support.runner_user import list_owners, open_reachable_folder
from tests.support.user_engines import RUNNER, UserEngine

_BASE = "busybox:latest"
_PYTHON = "python:3.12-slim"


@pytest.fixture(scope="module")
def engine(overlay2_engine: PrivateEngine) -> PrivateEngine:
    overlay2_engine.ensure("busybox", _PYTHON)
    build_action_image(overlay2_engine)
    return overlay2_engine


@pytest.fixture(scope="module")
def docker(engine: PrivateEngine) -> Iterator[UserEngine]:
    with UserEngine("docker", engine) as rootless:
        rootless.take_images(_BASE, _PYTHON, IMAGE)
        yield rootless


@pytest.fixture(scope="module")
def podman(engine: PrivateEngine) -> Iterator[UserEngine]:
    with UserEngine("podman", engine) as rootless:
        rootless.take_images(_BASE, _PYTHON, IMAGE)
        yield rootless


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_reachable_folder() as path:
        yield path


def make_copy_job(folder: Path, github: GitHubStandIn) -> Job:
    """Return a job in which a file of an image grows."""
    files = {"Dockerfile": "FROM busybox\nCOPY x /x\n", "x": "1"}
    job = make_job(folder, github, files, {"x": "2" * 1_000_000})
    fetch_all(job)
    return job


@pytest.mark.parametrize("named_by", ["DOCKER_HOST", "context"])
def test_a_review_on_a_rootless_docker(
    docker: UserEngine, github: GitHubStandIn, folder: Path, named_by: str
) -> None:
    """`localhost` is that of the engine's network there, so that GitHub's stand-in is not reached."""
    job = make_copy_job(folder, github)
    job.inputs |= {"comment": "never"}
    variables = docker.variables
    if named_by == "context":
        address = variables.pop("DOCKER_HOST")
        variables |= {"DOCKER_HOST": "", "DOCKER_CONFIG": str(folder / "config")}
        write_context(folder / "config", address)
    done = job.run_on_host(variables, IMAGE, user=RUNNER)
    assert done.status == 0, done.log
    assert done.outputs["delta"] == "999999"
    assert "by 1.00 MB" in done.summary
    assert set(list_owners(job.folder).values()) == {RUNNER}


def write_context(config: Path, address: str) -> None:
    """Write a current context, as `docker context create` and `docker context use` do."""
    # The name of the folder is the SHA-256 of the context's name.
    digest = "12b961af5feb3e9d39f93b2cefb9a1a944f18d02cca0cac2f04f5a982240605f"
    meta = config / "contexts/meta" / digest
    meta.mkdir(parents=True)
    endpoints = {"docker": {"Host": address, "SkipTLSVerify": False}}
    document = {"Name": "rootless", "Metadata": {}, "Endpoints": endpoints}
    (meta / "meta.json").write_text(json.dumps(document))
    (config / "config.json").write_text('{"currentContext": "rootless"}')


def test_nothing_is_started_on_an_engine_without_limits(docker: UserEngine) -> None:
    """It is started without control groups, and would only warn that it discards the limits."""
    assert "without cgroups" in (docker.folder / "log").read_text(errors="replace")
    assert "cannot limit memory and processes" in try_to_start(docker)


def test_nothing_is_started_on_podman(podman: UserEngine) -> None:
    assert "nothing is started on Podman" in try_to_start(podman)


def try_to_start(engine: UserEngine) -> str:
    """Start an image as `--verify` does, and return why it was not."""
    handle = EngineHandle(engine.variables)
    run = DockerContainerRunner(handle).run(_BASE, _BASE, ["true"])
    handle.close()
    assert run.exit_code is None
    return run.start_error


def test_measure_and_diff_on_podman(podman: UserEngine) -> None:
    """Sizes are those that the private engine measures."""
    measured = measure(podman.variables)
    assert measured == measure(podman.private.environment)
    limit = ("--max-growth", "1MB")
    compared = start("diff", _BASE, _PYTHON, *limit, environment=podman.variables)
    assert (compared.status, "Over budget" in compared.stdout) == (1, True), compared.stderr


def measure(variables: Mapping[str, str]) -> Mapping[str, object]:
    measured = start("measure", _PYTHON, "--format", "json", environment=variables)
    assert measured.status == 0, measured.stderr
    (image,) = measured.images.values()
    return {name: image["head"][name] for name in ("unpacked_bytes", "filesystem_bytes", "files")}


@pytest.mark.parametrize(("max_growth", "status"), [("1GB", 0), ("1MB", 1)])
def test_images_on_podman_are_compared(
    podman: UserEngine, github: GitHubStandIn, folder: Path, max_growth: str, status: int
) -> None:
    job = make_copy_job(folder, github)
    job.inputs |= {"mode": "compare", "base-image": _BASE, "image": _PYTHON}
    job.inputs |= {"max-growth": max_growth}
    done = job.run_on_host(podman.variables, IMAGE, user=RUNNER)
    assert done.status == status, done.log
    assert len(github.comments(REPO, 7)) == 1
    assert set(list_owners(job.folder).values()) == {RUNNER}
