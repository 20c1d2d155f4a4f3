"""The program as a process: exit statuses, signals, standard error, and what it imports."""

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.command import ROOT
from tests.support.repository import Repository
from tests.support.runner_log import read_log
from tests.support.slow_imports import list_slow_imports
from tests.support.tar_world import file, layer_tar, oci

LIMIT_S = 60


def start(
    *arguments: object, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start the program; a shell that runs the tests in the background has SIGINT ignored."""
    return subprocess.Popen(
        ["env", "--default-signal=INT", sys.executable, "-m", "bot", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "app.tar"
    path.write_bytes(oci(layer_tar(file("a", 1_000))).getvalue())
    return path


def test_a_measured_image_ends_with_0(archive: Path) -> None:
    process = start("measure", f"oci-archive:{archive}")
    output, _ = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0
    assert "1.00 kB" in output


def test_an_error_ends_with_2_and_indented_lines(tmp_path: Path) -> None:
    process = start("measure", f"oci:{tmp_path}/\n::error::x")
    output, errors = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, output) == (2, "")
    message = errors[errors.index("error: ") :].splitlines()
    assert len(message) > 1
    assert all(line.startswith("  ") for line in message[1:])
    assert read_log(errors).obeyed == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("{hostile}",),
        ("measure", "x", "{hostile}"),
        ("measure", "{hostile}"),
        ("measure", "oci:{hostile}"),
        ("measure", "docker://{hostile}"),
        ("measure", "x", "--platform", "{hostile}"),
        ("review", "--repo", "{hostile}"),
        ("review", "--max-growth", "{hostile}"),
        ("review", "--config", "{hostile}"),
        ("advise", "{hostile}"),
        ("schema", "{hostile}"),
    ],
)
def test_no_argument_is_obeyed_by_a_runner_or_a_terminal(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    hostile = "a\n ::set-output name=x::y\r::error::z ##[add-mask]x\x1b[31m\x9b1m\u202e"
    environment = {"FORCE_COLOR": "1", "DOCKER_HOST": f"unix://{tmp_path}/none"}
    process = start(*(x.replace("{hostile}", hostile) for x in arguments), environment=environment)
    output, errors = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, output) == (2, "")
    assert read_log(errors).obeyed == []
    assert not {"\x1b", "\x9b", "\u202e", "\r"} & set(errors)


def test_a_defect_ends_with_3_and_asks_for_a_report(archive: Path, tmp_path: Path) -> None:
    """A broken installation: the library that draws tables cannot be imported."""
    broken = tmp_path / "broken" / "rich" / "__init__.py"
    broken.parent.mkdir(parents=True)
    broken.write_text("raise ValueError('first\\n::error::second')\n", "utf-8")
    path = os.pathsep.join([str(broken.parents[1]), str(ROOT)])
    process = start("measure", f"oci-archive:{archive}", environment={"PYTHONPATH": path})
    output, errors = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, output) == (3, "")
    assert "ValueError: first" in errors
    assert read_log(errors).obeyed == []
    assert errors.endswith("This is a bug in image-size-review. Please report it.\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_with_130(number: signal.Signals, tmp_path: Path) -> None:
    """The command waits for a writer of a pipe; an earlier signal would be lost."""
    pipe = tmp_path / "app.tar"
    os.mkfifo(pipe)
    process = start("measure", f"oci-archive:{pipe}")
    assert process.stderr
    assert process.stderr.readline().startswith("measure ")
    for _ in range(LIMIT_S):
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(1)
            break
    process.kill()
    _, errors = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in errors


def test_a_closed_pipe_is_not_an_internal_error() -> None:
    process = start("schema")
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    assert process.wait(LIMIT_S) == 130
    assert process.stderr.read() == ""
    process.stderr.close()


def test_a_terminal_without_an_arrow_gets_a_question_mark(archive: Path) -> None:
    process = start("measure", f"oci-archive:{archive}", environment={"PYTHONIOENCODING": "ascii"})
    output, _ = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0
    assert output.startswith("? oci-archive:")


def test_a_measurement_of_an_archive_imports_nothing_that_it_does_not_need(archive: Path) -> None:
    output = archive.with_name("report.json")
    arguments = ("measure", f"oci-archive:{archive}", "--format", "json", "--output", str(output))
    environment = {
        "IMAGE_SIZE_REVIEW_CACHE": "",
        "TMPDIR": str(archive.parent),  # what killed runs left is looked for in the engine, too
    }
    assert list_slow_imports(*arguments, environment=environment) == []
    assert output.exists()


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("measure", "--help")])
def test_help_imports_nothing_that_only_a_command_needs(arguments: tuple[str, ...]) -> None:
    of_measurements = ("bot.image.measure", "bot.redaction", "bot.project.config_file")
    of_reports = ("bot.model.image", "bot.model.report")
    assert list_slow_imports(*arguments, further=(*of_measurements, *of_reports)) == []


def test_a_review_without_a_terminal_or_a_file_imports_neither_of_their_libraries(
    tmp_path: Path,
) -> None:
    repository = Repository(tmp_path / "repository")
    repository.commit({"Dockerfile": "FROM scratch\n"})
    arguments = ("review", "--repo", str(repository.path), "--base", "HEAD", "--head", "HEAD")
    imported = list_slow_imports(*arguments, "--format", "json")
    assert {"jsonschema", "rich"}.isdisjoint(imported)


@pytest.mark.parametrize("arguments", [("measure", "oci:x\x1b[31m"), ("measure",), ("x\x1b[31m",)])
def test_a_terminal_obeys_progress_alone(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """The live line is rich's; names, errors and usage have no control sequences on a terminal."""
    main_end, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=terminal,
    )
    process.communicate(timeout=LIMIT_S)
    os.close(terminal)
    errors = os.read(main_end, 1 << 16).decode()
    os.close(main_end)
    assert process.returncode == 2
    live_line = re.compile(r"\x1b\[(\?25[lh]|2K|1A)")
    assert ("\x1b" in errors) is (len(arguments) == 2)
    assert "\x1b" not in live_line.sub("", errors)


def test_a_dumb_terminal_gets_no_control_sequence(archive: Path, tmp_path: Path) -> None:
    main_end, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "measure", f"oci-archive:{archive}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"},
        stdout=terminal,
        stderr=terminal,
    )
    assert process.wait(LIMIT_S) == 0
    os.close(terminal)
    output = os.read(main_end, 1 << 16).decode()
    os.close(main_end)
    assert "\x1b" not in output
    assert "measure oci-archive:" in output
    assert "1.00 kB" in output


def run_on_terminal(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run the program with standard error on a terminal; return the status and what it shows."""
    main_end, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"},
        stderr=terminal,
    )
    status = process.wait(LIMIT_S)
    os.write(terminal, b".")  # without any output a read would wait
    os.close(terminal)
    shown = os.read(main_end, 1 << 16).decode()
    os.close(main_end)
    return status, shown.replace("\r\n", "\n")[:-1]


def test_a_terminal_shows_the_verdict_of_a_report_in_a_file(archive: Path, tmp_path: Path) -> None:
    command = "measure", f"oci-archive:{archive}", "--max-size", "1B", "--output", "report.html"
    status, shown = run_on_terminal(tmp_path, *command)
    assert status == 1
    last = shown.splitlines()[-1]
    assert last.startswith("✗ Over budget: oci-archive:")
    assert last.endswith("; limit: 1 B. Report: report.html")
    assert run_on_terminal(tmp_path, *command, "--quiet") == (1, "")


@pytest.mark.parametrize("option", ["-q", "--quiet"])
def test_quiet_leaves_the_report_alone(option: str, archive: Path) -> None:
    process = start("measure", f"oci-archive:{archive}", option)
    output, errors = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, errors) == (0, "")
    assert "1.00 kB" in output
