"""A stream out of pieces."""

import io
from collections.abc import Iterator
from typing import Any


class Chunks(io.RawIOBase):
    """An iterator of byte strings, read as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        """Takes the first chunk when it is read."""
        self._chunks, self._left = chunks, memoryview(b"")

    def readable(self) -> bool:
        """It is, always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As much as one chunk gives."""
        while not self._left:
            try:
                self._left = memoryview(next(self._chunks))
            except StopIteration:
                return 0
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size
