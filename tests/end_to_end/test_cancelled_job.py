"""A job that is cancelled leaves a verdict, a summary and an annotation."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import ROOT
from tests.support.github import GitHubStandIn
from tests.support.runner import REPO, Job, pull_request, read_outputs

LIMIT_S = 180
FILES = {"Dockerfile": "FROM scratch\nCOPY app /\n", "app": "1"}


KILLED_RUN = """
import os, signal
from bot.adapters.temporary_folders import LockedFolder
folder = LockedFolder("0123abcd")
os.kill(os.getpid(), signal.SIGKILL)
"""


def leave_dead_run(folder: Path) -> None:
    folder.mkdir()
    environment = {**os.environ, "TMPDIR": str(folder)}
    subprocess.run([sys.executable, "-c", KILLED_RUN], cwd=ROOT, env=environment, check=False)
    assert list(folder.iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_cancelled_job_says_so(
    number: signal.Signals, github: GitHubStandIn, tmp_path: Path
) -> None:
    """The signal comes while the program waits for an engine that never answers.

    Nor is it asked for what another run left, which was killed before.
    """
    pull = pull_request(tmp_path / "origin", FILES, {"app": "12"})
    github.add_repository(REPO)
    github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
    token = github.token("github-actions[bot]", pull_requests="write")
    job = Job(tmp_path / "job", "pull_request", pull.payload, pull.merge, github, token)
    job.check_out(pull.origin, "refs/pull/7/merge")
    (tmp_path / "event.json").write_text(json.dumps(pull.payload), "utf-8")
    leave_dead_run(tmp_path / "tmp")
    variables = job.variables(str(job.workspace), str(tmp_path))
    variables |= {"DOCKER_HOST": f"unix://{tmp_path}/engine", "TMPDIR": str(tmp_path / "tmp")}
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(str(tmp_path / "engine"))
        engine.listen()
        engine.settimeout(LIMIT_S)
        process = subprocess.Popen(
            ["env", "--default-signal=INT", sys.executable, "-m", "bot", "action"],
            cwd=ROOT,
            env={**os.environ, **variables},
            stdout=subprocess.PIPE,
            text=True,
        )
        connection, _ = engine.accept()
        with connection:
            process.send_signal(number)
            log, _ = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 130
    assert read_outputs((tmp_path / "output").read_text("utf-8")) == {"verdict": "error"}
    assert "was cancelled" in (tmp_path / "summary").read_text("utf-8")
    assert "::error::The job was cancelled" in log
