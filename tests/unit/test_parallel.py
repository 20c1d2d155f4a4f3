"""Two processes that share work: everything is done once, in order, whatever becomes of the second."""

import multiprocessing
import os
import signal
import time

import pytest

from bot.image.layers.streams import Unreadable
from bot.parallel import run_in_two_processes

HERE = os.getpid()


def slow(item: int) -> tuple[int, int]:
    time.sleep(0.01)
    return item, os.getpid()


def broken(item: int) -> tuple[int, int]:
    raise Unreadable(f"{item} is broken")


def killed(item: int) -> tuple[int, int]:
    os.kill(os.getpid(), signal.SIGKILL)
    return item, 0


def test_all_is_done_once_and_in_order_by_both() -> None:
    done = run_in_two_processes(range(40), slow, slow)
    assert [item for item, _ in done] == list(range(40))
    processes = [process for _, process in done]
    assert HERE in processes
    assert len(set(processes)) == min(2, len(os.sched_getaffinity(0)))


def test_the_largest_are_begun_first() -> None:
    def begun(_: int) -> tuple[int, float]:
        time.sleep(0.01)
        return os.getpid(), time.monotonic()

    done = run_in_two_processes(range(40), begun, begun, lambda item: item % 7)
    for process in {process for process, _ in done}:
        own = sorted((when, item) for item, (who, when) in enumerate(done) if who == process)
        sizes = [item % 7 for _, item in own]
        assert sizes == sorted(sizes, reverse=True)


def test_one_thing_needs_no_second_process() -> None:
    assert run_in_two_processes([7], slow, broken) == [(7, HERE)]
    assert run_in_two_processes([], slow, broken) == []


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one processor: there is no second")
def test_a_problem_of_the_second_is_raised_here() -> None:
    with pytest.raises(Unreadable, match="is broken"):
        run_in_two_processes(range(40), slow, broken)


def test_a_problem_of_the_first_ends_the_second() -> None:
    with pytest.raises(Unreadable, match="is broken"):
        run_in_two_processes(range(4), broken, lambda _: time.sleep(600))
    assert multiprocessing.active_children() == []


def test_what_the_second_leaves_when_it_dies_is_done_here() -> None:
    assert run_in_two_processes(range(40), slow, killed) == [(item, HERE) for item in range(40)]
