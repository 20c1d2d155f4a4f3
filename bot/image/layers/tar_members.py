"""The members of a tar in a stream, one after another, with their contents."""

import io
from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO, cast

from bot.image.layers.streams import CHUNK_BYTES, Unreadable
from bot.image.layers.tar_headers import BLOCK_BYTES, HeaderReader, TarMember


def read_members(stream: BinaryIO) -> Iterator[tuple[TarMember, BinaryIO]]:
    """Yield each member of a buffered stream with its content.

    A content can be read until the next member is requested. Raises Unreadable if the stream is no
    tar, or cut short.
    """
    headers = HeaderReader()
    while member := headers.read_member(partial(_read_bytes, stream)):
        content = _MemberContent(stream, member.stored_bytes)
        # Most members are small: a full buffer for each would cost more than reading them.
        buffer_size = min(CHUNK_BYTES, member.stored_bytes + BLOCK_BYTES)
        yield member, cast(BinaryIO, io.BufferedReader(content, buffer_size))
        content.skip_rest()


def _read_bytes(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if 0 < len(data) < size:
        raise Unreadable("a tar is truncated")
    return data


class _MemberContent(io.RawIOBase):
    """The content that follows a header."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._remaining, self._padding = stream, size, -size % BLOCK_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)[: self._remaining]
        count = cast(io.BufferedReader, self._stream).readinto(view)
        if len(view) and not count:
            raise Unreadable("a tar is truncated")
        self._remaining -= count
        return count

    def skip_rest(self) -> None:
        """Move the stream to the next header."""
        remaining = self._remaining + self._padding
        while remaining and (count := len(self._stream.read(min(remaining, CHUNK_BYTES)))):
            remaining -= count
