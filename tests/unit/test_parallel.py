"""Two processes that share work: each item is done once, in order, also if one dies."""

import io
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import wraps

import pytest
from rich.console import Console

from bot.adapters.image_sources import ImageSources
from bot.adapters.terminal_progress import TerminalProgress
from bot.image.archives.layer_cache import LayerCache
from bot.image.layers.streams import Unreadable
from bot.parallel import MIN_PARALLEL_BYTES, run_in_two_processes
from tests.support.command import ROOT
from tests.support.tar_world import file, layer_tar, legacy

HERE = os.getpid()


def alone(test: Callable[[], None]) -> Callable[[], None]:
    """Run a test in a separate process, in which Python's warnings are errors.

    pytest's own has threads of Go's runtime, which come with the package `dockerfile`.
    """

    @wraps(test)
    def run() -> None:
        code = f"from {test.__module__} import {test.__name__} as test; test.__wrapped__()"
        subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, check=True)

    return run


def slow(item: int) -> tuple[int, int]:
    time.sleep(0.01)
    return item, os.getpid()


def broken(item: int) -> tuple[int, int]:
    raise Unreadable(f"{item} is broken")


def killed(item: int) -> tuple[int, int]:
    os.kill(os.getpid(), signal.SIGKILL)
    return item, 0


@alone
def test_both_processes_do_each_item_once_and_in_order() -> None:
    done = run_in_two_processes(range(40), slow, slow)
    assert [item for item, _ in done] == list(range(40))
    processes = [process for _, process in done]
    assert HERE in processes
    assert len(set(processes)) == min(2, len(os.sched_getaffinity(0)))


@alone
def test_the_largest_items_start_first() -> None:
    def begun(_: int) -> tuple[int, float]:
        time.sleep(0.01)
        return os.getpid(), time.monotonic()

    done = run_in_two_processes(range(40), begun, begun, lambda item: item % 7)
    assert len(done) == 40
    for process in {process for process, _ in done}:
        own = sorted((when, item) for item, (who, when) in enumerate(done) if who == process)
        sizes = [item % 7 for _, item in own]
        assert sizes == sorted(sizes, reverse=True)


def test_one_item_needs_no_second_process() -> None:
    assert run_in_two_processes([7], slow, broken) == [(7, HERE)]
    assert run_in_two_processes([], slow, broken) == []


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one processor: there is no second")
@alone
def test_an_error_of_the_second_process_is_raised_in_the_first() -> None:
    with pytest.raises(Unreadable, match="is broken"):
        run_in_two_processes(range(40), slow, broken)


@alone
def test_an_error_of_the_first_process_ends_the_second() -> None:
    with pytest.raises(Unreadable, match="is broken"):
        run_in_two_processes(range(4), broken, lambda _: time.sleep(600))
    assert multiprocessing.active_children() == []


@alone
def test_items_of_a_killed_second_process_are_done_by_the_first() -> None:
    assert run_in_two_processes(range(40), slow, killed) == [(item, HERE) for item in range(40)]


def test_a_process_with_threads_does_not_fork() -> None:
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    assert run_in_two_processes(range(4), slow, broken) == [(item, HERE) for item in range(4)]
    ended.set()
    thread.join()


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one processor: there is no second")
@alone
def test_large_layers_are_read_in_parallel_during_progress_output() -> None:
    forks: list[int] = []
    os.register_at_fork(after_in_parent=lambda: forks.append(1))
    progress = TerminalProgress(Console(file=io.StringIO(), force_terminal=True))
    size = MIN_PARALLEL_BYTES // 2
    with tempfile.NamedTemporaryFile() as archive:
        archive.write(legacy(*(layer_tar(file(name, size)) for name in "ab")).getvalue())
        archive.flush()
        with progress.step("build") as show_detail:
            show_detail("what makes the spinner turn")
        with progress.step("measure"):
            image = ImageSources({}).read(f"docker-archive:{archive.name}", None, LayerCache())
    assert [blob.layer.unpacked_bytes for blob in image.blobs] == [size] * 2
    assert forks == [1]
