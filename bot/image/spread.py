"""Work on a second processor.

Layers are independent of each other, and reading them is nearly all processor time, which threads of
one interpreter do not share. So a fork of this process takes them from the last one down while this
one takes them from the first one up, until they meet. On Linux alone: elsewhere a fork is not safe, or
not to be had. There, and where there is one processor, this process does it all.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import SynchronizedArray

WORTH = 64 << 20  # bytes to be read from which on a second process is worth its start

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Item], Result]

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
    try:
        results = {at: here(items[at]) for at in left.from_the_first()}
        results |= _received(receiving)
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
    """What the second process does; a problem is a result as well, and the last one."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    done: dict[int, Result] = {}
    problem: Exception | None = None
    try:
        for at in left.from_the_last():
            done[at] = there(items[at])
    except Exception as raised:  # noqa: BLE001 - whatever it is, it belongs to the first process
        problem = raised
    sending.send((done, problem))
    sending.close()


def _received(receiving: Connection) -> dict[int, Result]:
    """What the second process has done; nothing if it is gone."""
    try:
        done, problem = receiving.recv()
    except EOFError:
        return {}
    if problem:
        raise problem
    results: dict[int, Result] = done
    return results
