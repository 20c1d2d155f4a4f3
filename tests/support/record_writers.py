"""Processes that write a record each to a branch or a folder, all at once."""

import os
import subprocess
import sys
from pathlib import Path

from bot.adapters.git.repository import GitRepository
from bot.adapters.record_folder import RecordFolder
from bot.records.record_paths import make_path
from bot.records.record_writer import render_record
from tests.support.record_world import recorded

_ROOT = Path(__file__).parents[2]


def record_of(number: int) -> tuple[str, bytes]:
    """Return the path and the content of a writer's record."""
    record = recorded(commit=f"{number:040x}")
    return make_path(record), render_record(record)


def start_writer(kind: str, folder: Path, number: int) -> subprocess.Popen[bytes]:
    """Start a process that writes a record to the branch `data` of a clone, or to a folder."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.record_writers", kind, str(folder), str(number)],
        cwd=_ROOT,
        stderr=subprocess.PIPE,
    )


def _write(kind: str, folder: Path, number: int) -> None:
    path, content = record_of(number)
    if kind == "dir":
        RecordFolder(folder).add_files({path: content}, "")
        return
    with GitRepository(folder, dict(os.environ)) as git:
        git.open_record_branch("data").add_files({path: content}, f"Record {number}")


if __name__ == "__main__":
    _write(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
