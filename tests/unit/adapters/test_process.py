"""Programs that end with this process or at a time limit, and those that go on."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.adapters.process import run_program

_CODE = """
import sys
from bot.adapters.process import run_program
is_ended = sys.argv[1] == "True"
print("started", flush=True)
run_program(["sh", "-c", f"sleep 1; touch {sys.argv[2]}"], {"PATH": "/usr/bin:/bin"}, is_ended=is_ended)
"""


@pytest.mark.parametrize("is_ended", [True, False])
def test_only_a_program_that_must_not_be_ended_goes_on(tmp_path: Path, is_ended: bool) -> None:
    file = tmp_path / "done"
    process = subprocess.Popen(
        [sys.executable, "-c", _CODE, str(is_ended), str(file)], stdout=subprocess.PIPE
    )
    assert process.stdout
    process.stdout.readline()
    time.sleep(0.5)
    process.kill()
    process.communicate()
    for _ in range(30):
        if file.exists():
            break
        time.sleep(0.1)
    assert file.exists() is not is_ended


@pytest.mark.parametrize("streams", ["2>&1", "2>/dev/null", "1>&2"])
def test_a_time_limit_ends_what_a_program_leaves_behind(streams: str) -> None:
    script = f"(sleep 20; echo late) {streams} & echo early"
    result = run_program(["sh", "-c", script], {"PATH": "/usr/bin:/bin"}, timeout_s=0.5)
    assert result.timed_out
    assert b"late" not in result.stdout
    assert "late" not in result.stderr_lines
