"""The members of a tar that passes by once."""

import io
from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO, cast

from bot.image.layers.streams import CHUNK_BYTES, Unreadable
from bot.image.layers.tar_headers import BLOCK_BYTES, HeaderReader, TarMember


def read_members(stream: BinaryIO) -> Iterator[tuple[TarMember, BinaryIO]]:
    """Each member of a buffered stream, its content readable until the next is asked for; Unreadable
    if it is no tar, or cut short."""
    headers = HeaderReader()
    while member := headers.read_member(partial(_read_bytes, stream)):
        content = _MemberContent(stream, member.stored_bytes)
        yield (
            member,
            cast(
                BinaryIO,
                io.BufferedReader(content, min(CHUNK_BYTES, member.stored_bytes + BLOCK_BYTES)),
            ),
        )
        content.skip_rest()


def _read_bytes(stream: BinaryIO, size: int) -> bytes:
    taken = stream.read(size)
    if 0 < len(taken) < size:
        raise Unreadable("a tar is cut short")
    return taken


class _MemberContent(io.RawIOBase):
    """What follows a header."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._remaining, self._padding = stream, size, -size % BLOCK_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)[: self._remaining]
        count = cast(io.BufferedReader, self._stream).readinto(view)
        if len(view) and not count:
            raise Unreadable("a tar is cut short")
        self._remaining -= count
        return count

    def skip_rest(self) -> None:
        """Leaves the stream at the next header."""
        left = self._remaining + self._padding
        while left and (passed := len(self._stream.read(min(left, CHUNK_BYTES)))):
            left -= passed
