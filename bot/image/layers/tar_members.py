"""The members of a tar, one after another, with their contents or their offsets."""

import io
import os
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from bot.image.layers.extended_headers import HeaderReader
from bot.image.layers.streams import CHUNK_BYTES, Unreadable
from bot.image.layers.tar_headers import BLOCK_BYTES, TarMember

# Members rarely have more than three blocks of headers.
_MAX_HEADER_BYTES = 5 * BLOCK_BYTES  # on average


def read_members(stream: BinaryIO, max_members: int) -> Iterator[tuple[TarMember, BinaryIO]]:
    """Yield each member of a buffered stream with its content.

    A content can be read until the next member is requested. Raises Unreadable if the stream is no
    tar, cut short, or has more members, or longer headers, than are allowed.
    """
    headers = _Headers(stream, max_members)
    while member := headers.read_next():
        content = _MemberContent(stream, member.stored_bytes)
        # Most members are small: a full buffer for each would cost more than reading them.
        buffer_size = min(CHUNK_BYTES, member.stored_bytes + BLOCK_BYTES)
        yield member, cast(BinaryIO, io.BufferedReader(content, buffer_size))
        content.skip_rest()


def list_members(file: BinaryIO, max_members: int) -> Iterator[tuple[TarMember, int]]:
    """Yield each member of a seekable file with the offset of its content.

    Raises Unreadable as `read_members` does.
    """
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    headers = _Headers(file, max_members)
    while member := headers.read_next():
        offset = file.tell()
        if member.stored_bytes > end - offset:
            raise Unreadable("a tar is truncated")
        yield member, offset
        file.seek(offset + member.stored_bytes + -member.stored_bytes % BLOCK_BYTES)


class _Headers:
    """The headers of a tar, within bounds."""

    def __init__(self, stream: BinaryIO, max_members: int) -> None:
        self._stream, self._reader, self._max_members = stream, HeaderReader(), max_members
        self._member_count = self._byte_count = 0

    def read_next(self) -> TarMember | None:
        """Read the next header; None at the end."""
        member = self._reader.read_member(self._read_bytes)
        self._member_count += 1
        if member and self._member_count > self._max_members:
            raise Unreadable(f"a tar has more than {self._max_members:,} members")
        return member

    def _read_bytes(self, size: int) -> bytes:
        self._byte_count += size
        if self._byte_count > self._max_members * _MAX_HEADER_BYTES:
            raise Unreadable(f"the headers of a tar have {self._byte_count:,} bytes and more")
        data = self._stream.read(size)
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
        """Move the stream to the next header; a last member may lack its padding."""
        while self._remaining:
            self.readinto(bytearray(min(self._remaining, CHUNK_BYTES)))
        while self._padding and (count := len(self._stream.read(self._padding))):
            self._padding -= count
