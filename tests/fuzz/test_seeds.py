"""Every input on which a reader once failed, and the examples: each ends in a value or its own error."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.__main__ import Job, list_jobs, wait_for_progress
from tests.fuzz.examples import SEEDS, list_examples, list_seeds
from tests.fuzz.readers import READERS, Reader
from tests.fuzz.worker import feed, make_input

ALL_SEEDS = sorted(path for name in READERS for path in list_seeds(name))


@pytest.mark.parametrize("path", ALL_SEEDS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_kept_input_shows_no_defect(path: Path) -> None:
    assert feed(READERS[path.parent.name], path.read_bytes()) is None


@pytest.mark.parametrize("name", sorted(READERS))
def test_examples_and_a_few_changes_of_them_show_no_defect(name: str) -> None:
    assert list_examples(name)
    for content in list_examples(name):
        assert feed(READERS[name], content) is None
    for number in range(20):
        assert feed(READERS[name], make_input(name, 1, 0, number)) is None


def test_every_seed_belongs_to_a_reader() -> None:
    assert {folder.name for folder in SEEDS.iterdir()} <= set(READERS)


def test_an_input_follows_from_seed_and_number() -> None:
    inputs = {make_input("archive", seed, 0, number) for seed in (1, 2) for number in range(10)}
    assert len(inputs) > 15
    assert make_input("archive", 1, 0, 3) == make_input("archive", 1, 0, 3)


def test_an_error_that_is_not_the_readers_is_a_defect() -> None:
    def fail(content: bytes) -> None:
        raise KeyError(content)

    assert isinstance(feed(Reader(fail), b""), KeyError)
    assert feed(Reader(fail, (KeyError,)), b"") is None


def test_jobs_have_all_inputs_the_readers_in_turns() -> None:
    jobs = list(list_jobs(["a", "b"], 4_500, 7, 0))
    assert jobs[:3] == [
        Job("a", 7, 0, 0, 1_000),
        Job("b", 7, 0, 0, 1_000),
        Job("a", 7, 0, 1_000, 1_000),
    ]
    assert sum(job.inputs for job in jobs) == 4_500


def start_python(code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code])


def test_processor_time_ends_a_worker_and_waiting_does_not() -> None:
    limit = "import os, time; from tests.fuzz.worker import limit_processor_time as limit; limit(1)"
    assert start_python(f"{limit}\nwhile True: pass").wait() == -signal.SIGPROF
    # Without the end of the interpreter, which takes processor time of its own.
    assert start_python(f"{limit}\ntime.sleep(1.5); os._exit(0)").wait() == 0


def test_each_input_has_processor_time_of_its_own() -> None:
    code = """
import time
from tests.fuzz.worker import limit_processor_time
started = time.process_time()
while time.process_time() < started + 1.5:
    limit_processor_time(1)
"""
    assert start_python(code).wait() == 0


def test_a_worker_that_waits_without_end_is_killed(tmp_path: Path) -> None:
    (tmp_path / "progress").write_bytes(b"")
    worker = start_python("import time; time.sleep(3600)")
    assert not wait_for_progress(worker, tmp_path / "progress", float("inf"), timeout_s=0.1)
    assert worker.returncode == -signal.SIGKILL
