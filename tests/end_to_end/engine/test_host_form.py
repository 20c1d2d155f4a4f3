"""The form of the action that runs on the host, as a step of a composite action starts its script."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.engine.test_needs_of_builds import make_job
from tests.end_to_end.engine.test_private_bases import fetch_all, private_image
from tests.support.action_image import build_action_image
from tests.support.engine import PrivateEngine
from tests.support.github import GitHubStandIn
from tests.support.registry.stand_in import PASSWORD, USER
from tests.support.runner import REPO, Job
from tests.support.runner_user import list_owners, open_reachable_folder

_RUNNER = 12345


@pytest.fixture(scope="module")
def image(overlay2_engine: PrivateEngine) -> str:
    overlay2_engine.ensure("busybox")
    return build_action_image(overlay2_engine)


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


def test_a_review_leaves_no_file_of_root(
    overlay2_engine: PrivateEngine, image: str, github: GitHubStandIn, folder: Path
) -> None:
    if os.getuid():
        pytest.skip("only root can be another user")
    job = make_copy_job(folder, github)
    shutil.copy(overlay2_engine.paths.client / "bin/docker", folder / "docker")
    socket = overlay2_engine.socket
    os.chown(socket, -1, _RUNNER)
    socket.parent.chmod(0o711)
    variables = {
        **overlay2_engine.environment,
        "PATH": f"{folder}:{os.defpath}",
        "DOCKER_CONFIG": str(folder / "none"),
        "BUILDX_CONFIG": "",
    }
    try:
        done = job.run_on_host(variables, image, user=_RUNNER)
    finally:
        os.chown(socket, -1, 0)
    assert done.status == 0, done.log
    assert done.outputs["delta"] == "999999"
    assert "by 1.00 MB" in done.summary
    (comment,) = github.comments(REPO, 7)
    assert done.outputs["comment-url"].endswith(str(comment.id))
    assert set(list_owners(job.folder).values()) == {_RUNNER}


def test_a_credential_helper_of_the_machine_is_asked(
    overlay2_engine: PrivateEngine, image: str, github: GitHubStandIn, tmp_path: Path
) -> None:
    with private_image(overlay2_engine, tmp_path, "basic") as base:
        job = make_job(tmp_path, github, base.files, {"x": "22"})
        fetch_all(job)
        answer = json.dumps({"Username": USER, "Secret": PASSWORD}, indent=1)
        helper = tmp_path / "docker-credential-machine"
        helper.write_text(
            f"#!/bin/sh\nread -r server\n[ \"$1 $server\" = 'get {base.host}' ] || exit 1\n"
            f"cat <<'EOF'\n{answer}\nEOF\n"
        )
        helper.chmod(0o755)
        config = json.dumps({"credHelpers": {base.host: "machine"}})
        (tmp_path / "client").mkdir(exist_ok=True)
        (tmp_path / "client/config.json").write_text(config)
        variables = {**overlay2_engine.environment, "DOCKER_CONFIG": str(tmp_path / "client")}
        without = job.run_on_host(variables, image)
        assert without.status == 2, without.log
        variables["PATH"] = f"{tmp_path}:{variables['PATH']}"
        done = job.run_on_host(variables, image)
    assert done.status == 0, done.log
    lines = [line for line in done.log.splitlines() if not line.startswith("::add-mask::")]
    assert not any(PASSWORD in line for line in lines)
