"""`python -m tests.fuzz`: feeds every reader, in processes within bounds of memory and time.

python -m tests.fuzz --inputs 1000000
python -m tests.fuzz --seconds 3600 --seed 7 --reader archive layer

Every input follows from the seed and its number, so the same seed finds the same again.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.fuzz.readers import READERS
from tests.fuzz.worker import NUMBER, make_input, save_seed

# Each worker limits its processor time (worker.py); this is for an input that waits, and so long that
# nothing is killed on a machine with much else to do.
_INPUT_TIMEOUT_S = 600
_HANG_STATUSES = (-signal.SIGPROF, -signal.SIGKILL)
_INPUTS_PER_PROCESS = 1_000  # a library that never frees its memory is no defect of a reader
_POLL_S = 0.2


class Job(NamedTuple):
    """Some inputs of one reader."""

    reader: str
    seed: int
    before: float
    first: int
    inputs: int


def main(arguments: list[str]) -> int:
    """Return 1 if an input showed a defect."""
    options = make_parser().parse_args(arguments)
    seed = random.SystemRandom().randrange(1 << 31) if options.seed is None else options.seed
    readers = options.reader or list(READERS)
    print(f"seed {seed}, {options.inputs:,} inputs for {len(readers)} readers", flush=True)
    deadline = time.monotonic() + (options.seconds or float("inf"))
    started = time.monotonic()
    with ThreadPoolExecutor(options.processes) as pool:
        jobs = list_jobs(readers, options.inputs, seed, time.time())
        results = list(pool.map(lambda job: run_job(job, deadline), jobs))
    defects, fed = sum(count for count, _ in results), sum(number for _, number in results)
    print(f"{fed:,} inputs in {time.monotonic() - started:.0f} s, {defects} defects, seed {seed}")
    return 1 if defects else 0


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--inputs", type=int, default=1_000_000, help="for all readers together")
    parser.add_argument("--seconds", type=float, help="stop after so many")
    parser.add_argument("--seed", type=int, help="of a run that is to be repeated")
    parser.add_argument("--reader", nargs="*", choices=sorted(READERS), help="these alone")
    processes = len(os.sched_getaffinity(0))
    parser.add_argument("--processes", type=int, default=processes, help="at the same time")
    return parser


def list_jobs(readers: list[str], inputs: int, seed: int, before: float) -> Iterator[Job]:
    """Yield the jobs, the readers in turns, so that a run that is cut short had all of them."""
    per_reader = -(-inputs // len(readers))
    for first in range(0, per_reader, _INPUTS_PER_PROCESS):
        for reader in readers:
            yield Job(reader, seed, before, first, min(_INPUTS_PER_PROCESS, per_reader - first))


def run_job(job: Job, deadline: float) -> tuple[int, int]:
    """Return the numbers of defects and of inputs; a process that hangs or dies is replaced."""
    defects, first, end = 0, job.first, job.first + job.inputs
    while first < end and time.monotonic() < deadline:
        status, number = run_worker(job._replace(first=first, inputs=end - first), deadline)
        defects += status == 1
        if number >= end or status is None:
            first = number
            break
        if status != 1:
            kind = "hang" if status in _HANG_STATUSES else "death"
            path = save_seed(job.reader, make_input(job.reader, job.seed, job.before, number), kind)
            print(f"DEFECT {job.reader} {number}: {path} (status {status})", flush=True)
            defects += 1
        first = number + 1
    return defects, first - job.first


def run_worker(job: Job, deadline: float) -> tuple[int | None, int]:
    """Return the status of a worker and the last number it began; None if its time was up."""
    with tempfile.NamedTemporaryFile(prefix="fuzz-") as file:
        file.write(NUMBER.pack(job.first))
        file.flush()
        arguments = [
            job.reader,
            *map(str, (job.seed, job.before, job.first, job.inputs)),
            file.name,
        ]
        process = subprocess.Popen([sys.executable, "-m", "tests.fuzz.worker", *arguments])
        is_up = wait_for_progress(process, Path(file.name), deadline)
        number = NUMBER.unpack(Path(file.name).read_bytes())[0]
        return (None if is_up else process.returncode), number


def wait_for_progress(
    process: subprocess.Popen[bytes],
    progress: Path,
    deadline: float,
    timeout_s: float = _INPUT_TIMEOUT_S,
) -> bool:
    """Wait for a worker and kill it where an input takes too long; return True if time is up."""
    last, since = b"", time.monotonic()
    while process.poll() is None:
        time.sleep(_POLL_S)
        number = progress.read_bytes()
        if number != last:
            last, since = number, time.monotonic()
        is_up = time.monotonic() > deadline
        if is_up or time.monotonic() - since > timeout_s:
            process.kill()
            process.wait()
            return is_up
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
