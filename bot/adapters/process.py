"""Child programs: arguments as a list, never a shell, with a time limit.

Git and buildx are started here, so that a timeout always ends the whole process group, and so that
none of them goes on when this process is killed.
"""

import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from bot.adapters.orphan_killer import ending_with_this_process

# Enough for the failing step of a build; a whole build log can have 100,000 lines.
_MAX_STDERR_LINES = 400


@dataclass(frozen=True, slots=True)
class ProcessResult:
    """A program that has ended; `stderr_lines` are the last ones of its stderr."""

    status: int
    stdout: bytes
    stderr_lines: tuple[str, ...]
    timed_out: bool = False

    @property
    def text(self) -> str:
        """Return its output as text, without the newline at the end."""
        return self.stdout.decode(errors="surrogateescape").rstrip("\n")


def run_program(
    arguments: Sequence[str | Path],
    environment: Mapping[str, str],
    *,
    on_line: Callable[[str], None] = lambda line: None,
    timeout_s: float | None = None,
    stdin: bytes = b"",
    folder: Path | None = None,
    max_output_bytes: int | None = None,
    is_ended: bool = True,
    on_start: Callable[[Callable[[], None]], object] = lambda kill: None,
) -> ProcessResult:
    """Run a program to its end, or kill it and its children after `timeout_s` seconds.

    `stdin` is written first: it must fit into a pipe, unless the program reads all of it before it
    prints. `on_line` gets each line of its stderr as it comes. `folder` is its working directory. A
    program that prints more than `max_output_bytes` is killed. Unless it `is_ended` with this
    process, it goes on where this one is killed. `on_start` gets a function that kills the program.
    Raises FileNotFoundError if there is no such program.
    """
    stderr_lines: deque[str] = deque(maxlen=_MAX_STDERR_LINES)
    process = _start(arguments, environment, folder, reads_stdin=bool(stdin))
    reader = threading.Thread(
        target=_read_lines, args=(process, stderr_lines, on_line), daemon=True
    )
    killer = _TimeoutKiller(process, timeout_s)
    reader.start()
    try:
        on_start(partial(_kill_process_group, process))
        with killer, ending_with_this_process(process.pid) if is_ended else nullcontext():
            _write_and_close(process.stdin, stdin)
            stdout = _read_output(process, max_output_bytes)
            # Before the program is collected, since a child that it has left behind may hold its
            # stderr open: the time limit ends that, too.
            reader.join()
            status = process.wait()
    except BaseException:
        if is_ended:
            _kill_process_group(process)
        raise
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()
    return ProcessResult(status, stdout, tuple(stderr_lines), killer.timed_out)


def _start(
    arguments: Sequence[str | Path],
    environment: Mapping[str, str],
    folder: Path | None,
    *,
    reads_stdin: bool,
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - a list of arguments, no shell
        [os.fspath(argument) for argument in arguments],
        env=dict(environment),
        stdin=subprocess.PIPE if reads_stdin else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A group of its own, so that its children can be ended with it, and Ctrl-C is ours to
        # handle.
        start_new_session=True,
        cwd=folder,
    )


def _read_output(process: subprocess.Popen[bytes], max_bytes: int | None) -> bytes:
    """Return all that a program prints, or as much as is too much."""
    if process.stdout is None:
        return b""
    if max_bytes is None:
        return process.stdout.read()
    output = process.stdout.read(max_bytes + 1)
    # It would wait for ever to write the rest, which nobody reads.
    if len(output) > max_bytes:
        _kill_process_group(process)
    return output


def _write_and_close(pipe: IO[bytes] | None, data: bytes) -> None:
    """Write to a program, which may have ended without reading."""
    if pipe:
        with suppress(BrokenPipeError), pipe:
            pipe.write(data)


def _read_lines(
    process: subprocess.Popen[bytes], last_lines: deque[str], on_line: Callable[[str], None]
) -> None:
    for raw in process.stderr or ():
        line = raw.decode(errors="replace").rstrip("\r\n")
        last_lines.append(line)
        on_line(line)


class _TimeoutKiller:
    """Kills a program and its children when the time is up."""

    def __init__(self, process: subprocess.Popen[bytes], timeout_s: float | None) -> None:
        self._process, self.timed_out = process, False
        self._timer = threading.Timer(timeout_s, self._kill_on_timeout) if timeout_s else None

    def _kill_on_timeout(self) -> None:
        self.timed_out = True
        _kill_process_group(self._process)

    def __enter__(self) -> None:
        if self._timer:
            self._timer.start()

    def __exit__(self, *_: object) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer.join()


def _kill_process_group(process: subprocess.Popen[bytes]) -> None:
    # Not `poll`, which would collect a leader that has ended: until then its number is nobody
    # else's, and children of it may go on and hold the pipes open.
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
