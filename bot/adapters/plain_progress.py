"""Progress as plain lines, where there is no terminal, and without waiting for what draws on one."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO


class PlainScreen:
    """The port `Screen`, as `TerminalScreen` is."""

    def __init__(self, stream: TextIO) -> None:
        """Writes to `stream`."""
        self._stream = stream

    @contextmanager
    def step(self, text: str) -> Iterator[Callable[[str], None]]:
        """A step of work, with its time once it is done."""
        started = time.monotonic()
        self.say(f"{text} …")
        yield lambda detail: None
        self.say(f"{text} {time.monotonic() - started:.1f} s")

    def say(self, text: str) -> None:
        """A line."""
        self._stream.write(printable(text) + "\n")
        self._stream.flush()


def printable(text: str) -> str:
    """A foreign name must not drive the terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
