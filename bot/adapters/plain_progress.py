"""Progress as plain lines, for logs and pipes.

Apart from progress.py, so that rich need not be imported where there is no terminal.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO


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
        self._stream.write(replace_unprintable(text) + "\n")
        self._stream.flush()


def replace_unprintable(text: str) -> str:
    """Replace control characters, so that a name in a Dockerfile cannot drive the terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
