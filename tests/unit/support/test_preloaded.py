"""A fork of the preloaded program behaves as a process that an interpreter starts."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import ROOT, run_interpreter
from tests.support.preloaded import needs_interpreter, start_program
from tests.support.tar_world import file, layer_tar, oci

DURATION = re.compile(r"\d+\.\d s\b")
MAIN = (ROOT / "bot/cli/main.py").read_text("utf-8")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "app.tar"
    path.write_bytes(oci(layer_tar(file("a", 1_000))).getvalue())
    return path


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["measure", "oci-archive:app.tar"], 0),
        (["measure", "oci-archive:missing.tar"], 2),
        (["measure", "--no-such-option"], 2),
        (["--version"], 0),
    ],
)
def test_status_and_streams_are_those_of_an_interpreter(
    arguments: list[str], status: int, archive: Path
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    expected = run_interpreter(arguments, environment, archive.parent)
    process = start_program(arguments, environment, archive.parent)
    streams = process.communicate()
    output, progress = streams
    assert output == expected.stdout
    assert DURATION.sub("0.0 s", progress) == DURATION.sub("0.0 s", expected.stderr)
    assert process.returncode == expected.status == status


def test_one_stream_has_output_and_errors(archive: Path) -> None:
    process = start_program(["measure", "x"], os.environ, archive.parent, one_stream=True)
    output, errors = process.communicate()
    assert "error: " in output
    assert errors == ""


def test_each_run_has_an_environment_of_its_own(tmp_path: Path) -> None:
    narrow, wide, narrow_again = (
        start_program(["--help"], {**os.environ, "COLUMNS": columns}, tmp_path).communicate()[0]
        for columns in ("40", "200", "40")
    )
    assert narrow == narrow_again != wide


def test_a_killed_run_has_the_number_of_the_signal(tmp_path: Path) -> None:
    """A pipe that nobody writes to lets the program wait."""
    os.mkfifo(tmp_path / "pipe.tar")
    process = start_program(["measure", "oci-archive:pipe.tar"], os.environ, tmp_path)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def test_variables_of_the_interpreter_need_a_new_one() -> None:
    assert not needs_interpreter({**os.environ, "PYTHONPATH": "/elsewhere", "HOME": "/"})
    assert needs_interpreter({**os.environ, "PYTHONIOENCODING": "ascii"})


@pytest.mark.long
def test_each_command_can_be_imported_without_the_others() -> None:
    """What a preloaded program does not show: a module that another one must import first."""
    modules = set(re.findall(r"^ +from (bot\.[\w.]+) import", MAIN, re.MULTILINE))
    assert len(modules) > 5
    for module in modules:
        subprocess.run([sys.executable, "-c", f"import {module}"], cwd=ROOT, check=True)
