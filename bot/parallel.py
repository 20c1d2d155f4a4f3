"""Work on a second processor.

Layers are independent of each other, and reading them is nearly all processor time, which threads of
one interpreter do not share. So this process and a fork of it take one after another, until none is
left. On Linux alone: elsewhere a fork is not safe, or not to be had. Nor is it safe beside other threads:
a lock that one of them holds stays locked in the fork, for ever (Python warns of that from 3.12 on).
There, and where there is one processor, this process does it all.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

MIN_PARALLEL_BYTES = 64 << 20  # bytes to be read from which on a second process is worth its start

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Item], Result]

_FAILURE_INDEX = -1  # where another result has its number
_INDEX_BYTES = 2  # bytes of a number, fewer than a pipe holds of those of any image's layers
_THREADS_FOLDER = Path("/proc/self/task")
_PAUSES_S = (0, 0.001, 0.01)
_FORK_CONTEXT = multiprocessing.get_context("fork") if sys.platform == "linux" else None


def run_in_two_processes(
    items: Sequence[Item],
    local_work: Work[Item, Result],
    forked_work: Work[Item, Result],
    get_size: Callable[[Item], int] = lambda _: 0,
) -> list[Result]:
    """The results of all items, in their order; what one of them raises is raised here.

    `here` works on them in this process and `there` in the other, on connections of its own: what was
    open at the fork is open in both, and each would read what the other asked for. The largest are
    begun first, so that both are done at about the same time.
    """
    if _FORK_CONTEXT is None or len(items) < 2 or not _can_fork():
        return [local_work(item) for item in items]
    order = sorted(range(len(items)), key=lambda at: -get_size(items[at]))
    with _open_work_queue(order) as pile:
        receiving, sending = _FORK_CONTEXT.Pipe(duplex=False)
        second = _FORK_CONTEXT.Process(
            target=_run_second_process, args=(items, forked_work, pile, sending), daemon=True
        )
        second.start()
        sending.close()
        with receiving, ThreadPoolExecutor(1) as thread:
            arrived: SimpleQueue[bytes] = SimpleQueue()
            thread.submit(_receive_messages, receiving, arrived)
            try:
                results = {at: local_work(items[at]) for at in _take_indexes(pile)}
                results.update(_decode_results(arrived))
            finally:
                second.kill()
                second.join()
    # What the second process was at if it died is done here.
    return [results[at] if at in results else local_work(item) for at, item in enumerate(items)]


def _can_fork() -> bool:
    """Return whether there is a second processor, and no thread beside this one.

    A thread may be Python's or a library's own; one that was stopped may need a moment to end.
    """
    if len(os.sched_getaffinity(0)) < 2:
        return False
    for pause in _PAUSES_S:
        time.sleep(pause)
        if len(list(_THREADS_FOLDER.iterdir())) == 1:
            return True
    return False


@contextmanager
def _open_work_queue(indexes: Sequence[int]) -> Iterator[int]:
    """A pipe that holds the numbers, from which each process takes: no lock to be left locked by one
    that dies."""
    pile, fill = os.pipe()
    os.write(fill, b"".join(number.to_bytes(_INDEX_BYTES) for number in indexes))
    os.close(fill)
    try:
        yield pile
    finally:
        os.close(pile)


def _take_indexes(work_queue: int) -> Iterator[int]:
    """One number after another, as long as there are any."""
    while number := os.read(work_queue, _INDEX_BYTES):
        yield int.from_bytes(number)


def _run_second_process(
    items: Sequence[Item], forked_work: Work[Item, Result], work_queue: int, connection: Connection
) -> None:
    """What the second process does: each result is sent when it is there; a problem is the last."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    try:
        for at in _take_indexes(work_queue):
            connection.send((at, forked_work(items[at])))
    except Exception as problem:  # noqa: BLE001 - whatever it is, it belongs to the first process
        connection.send((_FAILURE_INDEX, problem))
    connection.close()


def _receive_messages(connection: Connection, messages: SimpleQueue[bytes]) -> None:
    """Takes the results from the second process, which would wait until somebody does; as they are,
    since to read them would hold up the first one."""
    try:
        with suppress(EOFError, OSError):  # it has ended, be it amid a result
            while True:
                messages.put(connection.recv_bytes())
    finally:
        messages.put(b"")


def _decode_results(messages: SimpleQueue[bytes]) -> Iterator[tuple[int, Any]]:
    """What the second process has done, as far as it came."""
    for sent in iter(messages.get, b""):
        at, result = pickle.loads(sent)  # noqa: S301 - of our own process
        if at == _FAILURE_INDEX:
            raise result
        yield at, result
