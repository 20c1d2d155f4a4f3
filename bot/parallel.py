"""Work on a second processor.

Layers are independent of each other, and reading them is nearly all processor time, which threads
of one interpreter do not share. So this process and a fork of it take items from one queue until it
is empty. Only on Linux: elsewhere a fork is unsafe or unavailable. Nor is it safe beside other
threads: a lock that one of them holds stays locked in the fork (Python warns from 3.12 on). In
those cases, and with one processor, this process does all the work.

A stream that takes long to decompress is read by a fork, too, and arrives in shared memory.
"""

from __future__ import annotations

import io
import itertools
import mmap
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, cast

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

# Below this, starting a second process takes longer than it saves.
MIN_PARALLEL_BYTES = 64 << 20

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Item], Result]

_FAILURE_INDEX = -1  # sent instead of an item's index when the work raised
_INDEX_BYTES = 2  # all indexes must fit into a pipe (64 KiB); images have 127 layers at most
_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
_THREADS_FOLDER = Path("/proc/self/task")
# Together a tenth of a second: what a second process saves is more than that.
_PAUSES_S = (0, 0.001, 0.01, 0.1)
_SLOT_BYTES, _SLOTS = 512 << 10, 6
_FREE = b"\0"


def run_in_two_processes(
    items: Sequence[Item],
    local_work: Work[Item, Result],
    forked_work: Work[Item, Result],
    get_size: Callable[[Item], int] = lambda _: 0,
) -> list[Result]:
    """Return the results of all items, in order; an exception of either process is raised here.

    `local_work` runs in this process and `forked_work` in the other, on its own connections: a
    connection that is open at the fork is shared, and each process would read the other's answers.
    The largest items are begun first, so that both processes end at about the same time. This one
    does the largest itself: a result of the other is in memory twice when it arrives.
    """
    if len(items) < 2 or not can_fork():
        return [local_work(item) for item in items]
    # Imported here: both take as long as all other work on a small image.
    from concurrent.futures import ThreadPoolExecutor
    from multiprocessing import get_context

    fork = get_context("fork")
    largest, *others = sorted(range(len(items)), key=lambda index: -get_size(items[index]))
    with _open_work_queue(others) as work_queue:
        receiving, sending = fork.Pipe(duplex=False)
        second = fork.Process(
            target=_run_second_process, args=(items, forked_work, work_queue, sending), daemon=True
        )
        second.start()
        sending.close()
        with receiving, ThreadPoolExecutor(1) as thread:
            arrived: SimpleQueue[bytes] = SimpleQueue()
            thread.submit(_receive_messages, receiving, arrived)
            try:
                own_indexes = itertools.chain((largest,), _take_indexes(work_queue))
                results = {x: local_work(items[x]) for x in own_indexes}
                results.update(_decode_results(arrived))
            finally:
                second.kill()
                second.join()
    # Items that the second process had taken when it was killed (out of memory) are done here.
    return [results[x] if x in results else local_work(item) for x, item in enumerate(items)]


@contextmanager
def read_in_second_process(source: BinaryIO) -> Iterator[Iterator[memoryview]]:
    """Yield the chunks that a fork reads of a stream, which this process must not read any more.

    A chunk is valid until the next one is taken. Only where `can_fork()`. An exception of the fork
    is raised here, after the bytes that it read before. OSError if the fork is killed, as for want
    of memory.
    """
    from multiprocessing import get_context  # takes as long as all other work on a small image

    fork = get_context("fork")
    # Memory of both processes: to send as much through a pipe takes longer than to decompress it.
    memory = memoryview(mmap.mmap(-1, _SLOT_BYTES * _SLOTS))
    slots = [memory[x : x + _SLOT_BYTES] for x in range(0, len(memory), _SLOT_BYTES)]
    connection, other_end = fork.Pipe()
    with connection:
        arguments = (source, slots, connection, other_end)
        second = fork.Process(target=_fill_slots, args=arguments, daemon=True)
        second.start()
        other_end.close()
        try:
            yield _take_chunks(slots, connection)
        finally:
            second.kill()
            second.join()


def _take_chunks(slots: Sequence[memoryview], connection: Connection) -> Iterator[memoryview]:
    """Yield what a fork puts into slots of shared memory, and give each slot back afterwards."""
    for slot in itertools.cycle(slots):
        try:
            answer = connection.recv()
        except (EOFError, OSError) as error:
            raise OSError("the process that reads it has ended: is there enough memory?") from error
        if isinstance(answer, Exception):
            raise answer
        if not answer:
            return
        yield slot[:answer]
        with suppress(OSError):  # the other process has ended, which the next slot says
            connection.send_bytes(_FREE)


def _fill_slots(
    source: BinaryIO, slots: Sequence[memoryview], unused_end: Connection, connection: Connection
) -> None:
    """Fill one slot after another, and send how many bytes; none at the end, or an exception."""
    unused_end.close()
    _obey_first_process()
    reader = cast(io.BufferedReader, source)
    try:
        for number, slot in enumerate(itertools.cycle(slots)):
            if number >= len(slots):
                connection.recv_bytes()  # until the first process has read the slot
            size = reader.readinto(slot)
            connection.send(size)
            if not size:
                return
    except Exception as error:  # noqa: BLE001 - the first process raises it
        connection.send(error)


def can_fork() -> bool:
    """Return True on Linux if there is a second processor, and no thread beside this one.

    A thread may be Python's or a library's own; one that was stopped may need a moment to end.
    """
    if sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2:
        return False
    for pause in _PAUSES_S:
        time.sleep(pause)
        if len(list(_THREADS_FOLDER.iterdir())) == 1:
            return True
    return False


@contextmanager
def _open_work_queue(indexes: Sequence[int]) -> Iterator[int]:
    """Yield a pipe that holds the indexes, for both processes to take from.

    Unlike a `multiprocessing.Queue` it has no lock that a killed process could leave locked.
    """
    work_queue, write_end = os.pipe()
    # All of it at once, before anybody reads: it fits into a pipe (see _INDEX_BYTES).
    os.write(write_end, b"".join(index.to_bytes(_INDEX_BYTES) for index in indexes))
    os.close(write_end)
    try:
        yield work_queue
    finally:
        os.close(work_queue)


def _take_indexes(work_queue: int) -> Iterator[int]:
    """Yield indexes from the queue until it is empty."""
    while index := os.read(work_queue, _INDEX_BYTES):
        yield int.from_bytes(index)


def _run_second_process(
    items: Sequence[Item], forked_work: Work[Item, Result], work_queue: int, connection: Connection
) -> None:
    """Send each result as soon as it is ready; an exception is sent last."""
    _obey_first_process()
    try:
        for index in _take_indexes(work_queue):
            connection.send((index, forked_work(items[index])))
    except Exception as error:  # noqa: BLE001 - the first process raises it
        connection.send((_FAILURE_INDEX, error))
    connection.close()


def _obey_first_process() -> None:
    """Leave signals to the first process, and end with it: this one holds its locks."""
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, signal.SIG_DFL)
    import ctypes  # only here: few runs need it

    ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)


def _receive_messages(connection: Connection, messages: SimpleQueue[bytes]) -> None:
    """Take messages off the pipe, so that the second process never waits for a reader.

    They are decoded later: decoding here would hold the interpreter's lock against the first one.
    """
    try:
        with suppress(EOFError, OSError):  # the process has ended, possibly amid a message
            while True:
                messages.put(connection.recv_bytes())
    finally:
        messages.put(b"")


def _decode_results(messages: SimpleQueue[bytes]) -> Iterator[tuple[int, Any]]:
    """Yield index and result of each message; raise the exception that the last one may hold."""
    for message in iter(messages.get, b""):
        index, result = pickle.loads(message)  # noqa: S301 - of our own process
        if index == _FAILURE_INDEX:
            raise result
        yield index, result
