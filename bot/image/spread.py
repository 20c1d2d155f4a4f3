"""Work on a second processor.

Layers are independent of each other, and reading them is nearly all processor time, which threads of
one interpreter do not share. So a fork of this process takes them from the last one down while this
one takes them from the first one up, until they meet. On Linux alone: elsewhere a fork is not safe, or
not to be had. There, and where there is one processor, this process does it all.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import SynchronizedArray

WORTH = 64 << 20  # bytes to be read from which on a second process is worth its start

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Item], Result]

_PROBLEM = -1
_FORK = multiprocessing.get_context("fork") if sys.platform == "linux" else None


def spread(
    items: Sequence[Item], here: Work[Item, Result], there: Work[Item, Result]
) -> list[Result]:
    """The results of all items, in their order; what one of them raises is raised here.

    `here` works on them in this process and `there` in the other, on connections of its own: what was
    open at the fork is open in both, and each would read what the other asked for.
    """
    if _FORK is None or len(items) < 2 or len(os.sched_getaffinity(0)) < 2:
        return [here(item) for item in items]
    left = _Left(_FORK.Array("i", [0, len(items)]))
    receiving, sending = _FORK.Pipe(duplex=False)
    second = _FORK.Process(target=_work, args=(items, there, left, sending), daemon=True)
    second.start()
    sending.close()
    with ThreadPoolExecutor(1) as thread:
        arrived: SimpleQueue[bytes] = SimpleQueue()
        thread.submit(_receive, receiving, arrived)
        try:
            results = {at: here(items[at]) for at in left.from_the_first()}
            results.update(_results(arrived))
        finally:
            second.kill()
            second.join()
    receiving.close()
    # What the second process was at if it died is done here.
    return [results[at] if at in results else here(item) for at, item in enumerate(items)]


class _Left:
    """The numbers that nobody has taken yet, known to both processes."""

    def __init__(self, ends: SynchronizedArray[int]) -> None:
        self._ends = ends

    def from_the_first(self) -> Iterator[int]:
        while (at := self._take(0, 1)) is not None:
            yield at

    def from_the_last(self) -> Iterator[int]:
        while (at := self._take(1, -1)) is not None:
            yield at - 1

    def _take(self, end: int, step: int) -> int | None:
        with self._ends.get_lock():
            before = self._ends[end]
            if self._ends[0] == self._ends[1]:
                return None
            self._ends[end] += step
            return before


def _work(
    items: Sequence[Item], there: Work[Item, Result], left: _Left, sending: Connection
) -> None:
    """What the second process does: each result is sent when it is there; a problem is the last."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    try:
        for at in left.from_the_last():
            sending.send((at, there(items[at])))
    except Exception as problem:  # noqa: BLE001 - whatever it is, it belongs to the first process
        sending.send((_PROBLEM, problem))
    sending.close()


def _receive(receiving: Connection, arrived: SimpleQueue[bytes]) -> None:
    """Takes the results from the second process, which would wait until somebody does; as they are,
    since to read them would hold up the first one."""
    try:
        with suppress(EOFError, OSError):  # it has ended, be it amid a result
            while True:
                arrived.put(receiving.recv_bytes())
    finally:
        arrived.put(b"")


def _results(arrived: SimpleQueue[bytes]) -> Iterator[tuple[int, Any]]:
    """What the second process has done, as far as it came."""
    for sent in iter(arrived.get, b""):
        at, result = pickle.loads(sent)  # noqa: S301 - of our own process
        if at == _PROBLEM:
            raise result
        yield at, result
