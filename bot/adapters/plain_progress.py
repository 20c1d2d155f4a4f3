"""Progress as plain lines, for logs and pipes, and none for `--quiet`.

Apart from terminal_progress.py, so that rich need not be imported where there is no terminal.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from bot.report.escape import log_lines


class PlainProgress:
    """The port `Progress`, without a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @contextmanager
    def step(self, text: str) -> Iterator[Callable[[str], None]]:
        """Report a step of work, and its time at the end."""
        started = time.monotonic()
        self.write_line(f"{text} …")
        yield lambda detail: None
        self.write_line(f"{text} {time.monotonic() - started:.1f} s")

    def write_line(self, text: str) -> None:
        """Write a line."""
        self._stream.write(make_line(text) + "\n")
        self._stream.flush()

    def write_warning(self, text: str) -> None:
        """Write a warning as any other line."""
        self.write_line(text)


class QuietProgress(PlainProgress):
    """The port `Progress`, of which nothing but the warnings is written."""

    @contextmanager
    def step(self, text: str) -> Iterator[Callable[[str], None]]:
        """Write nothing of a step of work."""
        yield lambda detail: None

    def write_line(self, text: str) -> None:
        """Leave out a line on what was done."""

    def write_warning(self, text: str) -> None:
        """Write a warning."""
        super().write_line(text)


def make_line(text: str) -> str:
    """Return text as one line, its control characters shown instead of obeyed."""
    return log_lines(text.replace("\n", "↵"))
