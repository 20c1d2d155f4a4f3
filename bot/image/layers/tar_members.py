"""The members of a tar that passes by once."""

import io
from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO, cast

from bot.image.layers.streams import CHUNK, Unreadable
from bot.image.layers.tar_headers import BLOCK, HeaderReader, Member


def members(stream: BinaryIO) -> Iterator[tuple[Member, BinaryIO]]:
    """Each member of a buffered stream, its content readable until the next is asked for; Unreadable
    if it is no tar, or cut short."""
    headers = HeaderReader()
    while member := headers.next(partial(_take, stream)):
        content = _Content(stream, member.stored)
        yield member, cast(BinaryIO, io.BufferedReader(content, min(CHUNK, member.stored + BLOCK)))
        content.pass_by()


def _take(stream: BinaryIO, size: int) -> bytes:
    taken = stream.read(size)
    if 0 < len(taken) < size:
        raise Unreadable("a tar is cut short")
    return taken


class _Content(io.RawIOBase):
    """What follows a header."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._left, self._padding = stream, size, -size % BLOCK

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)[: self._left]
        count = cast(io.BufferedReader, self._stream).readinto(view)
        if len(view) and not count:
            raise Unreadable("a tar is cut short")
        self._left -= count
        return count

    def pass_by(self) -> None:
        """Leaves the stream at the next header."""
        left = self._left + self._padding
        while left and (passed := len(self._stream.read(min(left, CHUNK)))):
            left -= passed
