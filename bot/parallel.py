"""Work on a second processor.

Layers are independent of each other, and reading them is nearly all processor time, which threads of
one interpreter do not share. So this process and a fork of it take one after another, until none is
left. On Linux alone: elsewhere a fork is not safe, or not to be had. There, and where there is one
processor, this process does it all.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any, TypeVar

WORTH = 64 << 20  # bytes to be read from which on a second process is worth its start

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Item], Result]

_PROBLEM = -1  # where another result has its number
_NUMBER = 2  # bytes of a number, fewer than a pipe holds of those of any image's layers
_FORK = multiprocessing.get_context("fork") if sys.platform == "linux" else None


def spread(
    items: Sequence[Item],
    here: Work[Item, Result],
    there: Work[Item, Result],
    size: Callable[[Item], int] = lambda _: 0,
) -> list[Result]:
    """The results of all items, in their order; what one of them raises is raised here.

    `here` works on them in this process and `there` in the other, on connections of its own: what was
    open at the fork is open in both, and each would read what the other asked for. The largest are
    begun first, so that both are done at about the same time.
    """
    if _FORK is None or len(items) < 2 or len(os.sched_getaffinity(0)) < 2:
        return [here(item) for item in items]
    order = sorted(range(len(items)), key=lambda at: -size(items[at]))
    with _pile(order) as pile:
        receiving, sending = _FORK.Pipe(duplex=False)
        second = _FORK.Process(target=_work, args=(items, there, pile, sending), daemon=True)
        second.start()
        sending.close()
        with receiving, ThreadPoolExecutor(1) as thread:
            arrived: SimpleQueue[bytes] = SimpleQueue()
            thread.submit(_receive, receiving, arrived)
            try:
                results = {at: here(items[at]) for at in _taken(pile)}
                results.update(_results(arrived))
            finally:
                second.kill()
                second.join()
    # What the second process was at if it died is done here.
    return [results[at] if at in results else here(item) for at, item in enumerate(items)]


@contextmanager
def _pile(numbers: Sequence[int]) -> Iterator[int]:
    """A pipe that holds the numbers, from which each process takes: no lock to be left locked by one
    that dies."""
    pile, fill = os.pipe()
    os.write(fill, b"".join(number.to_bytes(_NUMBER) for number in numbers))
    os.close(fill)
    try:
        yield pile
    finally:
        os.close(pile)


def _taken(pile: int) -> Iterator[int]:
    """One number after another, as long as there are any."""
    while number := os.read(pile, _NUMBER):
        yield int.from_bytes(number)


def _work(items: Sequence[Item], there: Work[Item, Result], pile: int, sending: Connection) -> None:
    """What the second process does: each result is sent when it is there; a problem is the last."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    try:
        for at in _taken(pile):
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
