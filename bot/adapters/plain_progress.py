"""Progress as plain lines, where there is no terminal, and without waiting for what draws on one."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO


class PlainProgress:
    """The port `Progress`, as `TerminalProgress` is."""

    def __init__(self, stream: TextIO) -> None:
        """Writes to `stream`."""
        self._stream = stream

    @contextmanager
    def step(self, text: str) -> Iterator[Callable[[str], None]]:
        """A step of work, with its time once it is done."""
        started = time.monotonic()
        self.write_line(f"{text} …")
        yield lambda detail: None
        self.write_line(f"{text} {time.monotonic() - started:.1f} s")

    def write_line(self, text: str) -> None:
        """A line."""
        self._stream.write(replace_unprintable(text) + "\n")
        self._stream.flush()


def replace_unprintable(text: str) -> str:
    """A foreign name must not drive the terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
