"""The program as a user starts it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    finished = subprocess.run(
        [sys.executable, "-m", "bot", *map(str, arguments)],
        cwd=at,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in finished.stderr, finished.stderr
    return FinishedRun(finished.returncode, finished.stdout, finished.stderr)
