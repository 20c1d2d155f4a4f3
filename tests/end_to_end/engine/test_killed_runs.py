"""Runs that are killed: their programs end with them, and the next run removes what they left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command import ROOT, start
from tests.support.engine import PrivateEngine
from tests.support.repository import Repository

PATIENCE_S = 120


@pytest.fixture
def engine(overlay2_engine: PrivateEngine) -> PrivateEngine:
    overlay2_engine.ensure("busybox")
    return overlay2_engine


def list_own_names(engine: PrivateEngine) -> set[str]:
    """Return the images and containers of this program in the engine."""
    names = ("ps", "--all", "--format", "{{.Names}}", "--filter", "name=image-size-review-")
    return {*engine.list_run_names(), *engine.docker(*names).split()}


def list_programs(marker: str) -> list[str]:
    """Return the command lines of the processes with a word in their environment."""
    programs = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (process / "environ").read_bytes():
                programs.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:  # it has ended
            continue
    return [program for program in programs if program]


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Wait for a callable to return something true."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def test_the_next_run_removes_what_a_killed_one_left(engine: PrivateEngine, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    repository = Repository(tmp_path / "repository")
    repository.commit({"Dockerfile": "FROM busybox\nRUN sleep 600\n"})
    repository.write({"Dockerfile": "FROM busybox\nRUN sleep 601\n"})
    environment = {**os.environ, **engine.environment, "TMPDIR": str(temporary)}
    command = (sys.executable, "-m", "bot", "review", "--repo", str(repository.path))
    before = list_own_names(engine)
    with subprocess.Popen(
        [*command, "--base", "main"], env={**environment, "PYTHONPATH": str(ROOT)}
    ) as process:
        wait_until(
            lambda: any("--progress=plain" in x for x in list_programs(str(temporary))), "no build"
        )
        os.kill(process.pid, signal.SIGKILL)
    wait_until(lambda: not list_programs(str(temporary)), "a program goes on")
    assert list_own_names(engine) - before  # the pin of busybox
    assert list(temporary.iterdir())

    repository.commit({"Dockerfile": "FROM busybox\nCOPY Dockerfile /\n"})
    repository.write({"Dockerfile": "FROM busybox\nCOPY Dockerfile /a\n"})
    options = ("--base", "main", "--format", "json")
    ended = start("review", "--repo", repository.path, *options, environment=environment)
    assert ended.status == 0, ended.stderr
    assert list_own_names(engine) <= before
    assert list(temporary.iterdir()) == []
    assert repository.git("worktree", "list").count("\n") == 0
