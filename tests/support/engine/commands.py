"""Running other programs, so that a failure ends in a message and not in a trace."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.engine.errors import EngineUnavailable

LAST_LINES = 25


def cut_log(text: str, count: int = LAST_LINES) -> str:
    """Return the end of a log, indented for a message: it nearly always names the cause."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    return "\n    ".join(lines[-count:]) or "it said nothing"


def run(
    command: Sequence[str],
    failing: str,
    what_to_do: str,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> str:
    """Run to the end and return stdout; an error carries the last lines of the output."""
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, errors="replace"
    )
    if done.returncode:
        output = cut_log(done.stdout + done.stderr)
        why = f"`{' '.join(command[:3])} …` ended with status {done.returncode}:\n    {output}"
        raise EngineUnavailable(failing, why, what_to_do)
    return done.stdout
