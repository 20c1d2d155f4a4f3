"""Child programs end with the process that started them, however it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = """
import os, sys
from bot.adapters.process import run_program
run_program(["true"], dict(os.environ))
run_program(["sh", "-c", "sleep 300 & echo $$ $! > $0.new; mv $0.new $0; wait", sys.argv[1]], dict(os.environ))
"""
PATIENCE_S = 30


def wait_until_gone(process_id: int) -> None:
    end = time.monotonic() + PATIENCE_S
    while is_running(process_id):
        assert time.monotonic() < end, f"process {process_id} is still there"
        time.sleep(0.02)


def is_running(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"  # a zombie has ended, and waits for its parent only


def test_a_killed_process_takes_its_children_and_theirs_along(tmp_path: Path) -> None:
    written = tmp_path / "processes"
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(written)]) as process:
        while not written.exists():
            assert process.poll() is None
            time.sleep(0.02)
        children = [int(word) for word in written.read_text().split()]
        assert all(map(is_running, children))
        os.kill(process.pid, signal.SIGKILL)
    for child in children:
        wait_until_gone(child)
