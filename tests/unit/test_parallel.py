"""Two processes that share work: each item is done once, in order, also if one dies."""

import gzip
import io
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, BinaryIO, cast

import pytest
from rich.console import Console

from bot.adapters.image_sources import ImageSources
from bot.adapters.terminal_progress import TerminalProgress
from bot.image.archives.archive import read_archive
from bot.image.archives.layer_cache import LayerCache
from bot.image.layers.streams import ChunkReader, Unreadable
from bot.parallel import MIN_PARALLEL_BYTES, read_in_second_process, run_in_two_processes
from tests.support.command import ROOT
from tests.support.tar_world import Item, file, layer_tar, legacy

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


@alone
def test_the_first_process_does_the_largest_item() -> None:
    done = run_in_two_processes(range(4), slow, slow, lambda item: 9 if item == 2 else item)
    assert done[2] == (2, HERE)


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


class Source(io.RawIOBase):
    """A stream of some bytes, after which something happens."""

    def __init__(self, data: bytes, at_end: Callable[[int], object] = lambda _: None) -> None:
        self.rest, self.at_end = memoryview(data), at_end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Return pieces of uneven sizes."""
        size = min(len(buffer), len(self.rest), 100_003)
        if not size:
            self.at_end(0)
        buffer[:size], self.rest = self.rest[:size], self.rest[size:]
        return size


DATA = random.Random(19).randbytes(20_000_001)  # more than fits into the shared memory


def read_until_error(source: Source) -> tuple[bytes, Exception]:
    read = b""
    with read_in_second_process(cast(BinaryIO, source)) as chunks:
        stream = ChunkReader(chunks)
        try:
            while chunk := stream.read(70_001):
                read += chunk
        except (OSError, Unreadable) as error:
            assert stream.read(1) == b""
            return read, error
    raise AssertionError("no error")


@alone
def test_a_stream_arrives_whole_from_the_second_process() -> None:
    with read_in_second_process(cast(BinaryIO, Source(DATA))) as chunks:
        buffered = io.BufferedReader(ChunkReader(chunks), 70_001)
        assert buffered.read() == DATA
        assert buffered.read() == b""


@alone
def test_an_error_comes_after_what_was_read_before() -> None:
    read, error = read_until_error(Source(DATA, broken))
    assert (read, str(error)) == (DATA, "0 is broken")


@alone
def test_a_second_process_that_is_killed_is_an_error() -> None:
    """What it had read may arrive, and its end may not be taken for that of the stream."""
    read, error = read_until_error(Source(DATA, killed))
    assert DATA.startswith(read)
    assert "is there enough memory?" in str(error)


@alone
def test_a_reader_that_stops_early_ends_the_second_process() -> None:
    source = Source(DATA, lambda _: time.sleep(600))
    with read_in_second_process(cast(BinaryIO, source)) as chunks:
        assert ChunkReader(chunks).read(10) == DATA[:10]
    assert multiprocessing.active_children() == []


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one processor: there is no second")
@alone
def test_a_large_compressed_archive_is_decompressed_by_the_second_process() -> None:
    forks: list[int] = []
    os.register_at_fork(after_in_parent=lambda: forks.append(1))
    plain = legacy(layer_tar(Item("random", DATA), file("a", 1)))
    packed = gzip.compress(plain.getvalue(), 1)
    with tempfile.TemporaryFile() as archive:
        archive.write(packed)
        archive.seek(0)
        image = read_archive(archive)
        archive.seek(0)
        archive.truncate(len(packed) - 1000)
        with pytest.raises(Unreadable, match="broken"):
            read_archive(archive)
    assert image == replace(read_archive(plain), read_method=image.read_method)
    assert forks == [1, 1]


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
