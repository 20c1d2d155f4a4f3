"""Two commands in turns, as whole processes: time, processor time and memory of each."""

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ROUNDS = 3
Command = Sequence[str]
# pip compiles what it installs; in a checkout the warm-up run does, even where that is off.
_AS_INSTALLED = {"PYTHONDONTWRITEBYTECODE": ""}


@dataclass(frozen=True)
class Run:
    """The cost of one run: wall-clock and processor seconds, peak memory in bytes."""

    seconds: float
    cpu: float
    memory: int


@dataclass(frozen=True)
class Race:
    """The medians of both sides over all rounds, and of the ratio within each round."""

    ours: Run
    rival: Run
    ratio: float


def race(
    ours: Command, rival: Command, environment: Mapping[str, str], rounds: int = ROUNDS
) -> Race:
    """Run both once to warm up, then in turns."""
    pairs = [(run(ours, environment), run(rival, environment)) for _ in range(rounds + 1)][1:]
    ratios = [mine.seconds / other.seconds for mine, other in pairs]
    return Race(
        _median([mine for mine, _ in pairs]),
        _median([other for _, other in pairs]),
        statistics.median(ratios),
    )


def alone(ours: Command, environment: Mapping[str, str], rounds: int = ROUNDS) -> Run:
    """Return the medians of one command, after a warm-up run."""
    return _median([run(ours, environment) for _ in range(rounds + 1)][1:])


def run(command: Command, environment: Mapping[str, str]) -> Run:
    """Run a command once; it must succeed."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        env={**os.environ, **_AS_INSTALLED, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def _median(runs: Sequence[Run]) -> Run:
    return Run(
        statistics.median(run.seconds for run in runs),
        statistics.median(run.cpu for run in runs),
        int(statistics.median(run.memory for run in runs)),
    )
