"""The program as a user starts it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.preloaded import needs_interpreter, start_program

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class FinishedRun:
    """A finished run: its exit status, the report on stdout, and stderr."""

    status: int
    stdout: str
    stderr: str

    @property
    def report(self) -> dict[str, Any]:
        """Return the JSON report."""
        document: dict[str, Any] = json.loads(self.stdout)
        return document

    @property
    def images(self) -> dict[str, dict[str, Any]]:
        """Return the images of the JSON report, by name."""
        return {image["name"]: image for image in self.report["images"]}


def start(*arguments: object, environment: Mapping[str, str], at: Path = ROOT) -> FinishedRun:
    """Run `python -m bot` to its end."""
    words = [*map(str, arguments)]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    if needs_interpreter(variables):
        finished = run_interpreter(words, variables, at)
    else:
        process = start_program(words, variables, at)
        output, errors = process.communicate()
        finished = FinishedRun(process.returncode, output, errors)
    assert "Traceback" not in finished.stderr, finished.stderr
    return finished


def run_interpreter(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path
) -> FinishedRun:
    """Run `python -m bot` to its end, in an interpreter of its own."""
    finished = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return FinishedRun(finished.returncode, finished.stdout, finished.stderr)
