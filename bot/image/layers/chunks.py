"""A stream out of pieces."""

import io
from collections.abc import Iterator
from typing import Any


class ChunkReader(io.RawIOBase):
    """An iterator of byte strings, read as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        """Takes the first chunk when it is read."""
        self._chunks, self._remaining = chunks, memoryview(b"")

    def readable(self) -> bool:
        """It is, always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As much as one chunk gives."""
        while not self._remaining:
            try:
                self._remaining = memoryview(next(self._chunks))
            except StopIteration:
                return 0
        size = min(len(buffer), len(self._remaining))
        buffer[:size], self._remaining = self._remaining[:size], self._remaining[size:]
        return size
