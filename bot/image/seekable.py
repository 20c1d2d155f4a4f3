"""An archive in a file that can seek: its table first, then only what the image is made of."""

import io
import tarfile
from collections.abc import Sequence
from typing import Any, BinaryIO, cast

from bot.image.blob import Blob, Stored
from bot.image.descriptor import MAX_DOCUMENT, Descriptor
from bot.image.members import Members
from bot.image.shelf import Shelf, take
from bot.image.streams import CHUNK, Unreadable


class SeekableTar:
    """A folder of documents and layers, each read at its place; layers that are known are not."""

    def __init__(self, stream: BinaryIO, shelf: Shelf, way: str) -> None:
        """Reads the names and places of all members; TarError if it is no whole archive."""
        self._stream, self._shelf, self.way = stream, shelf, way
        tar = tarfile.open(fileobj=stream, mode="r:")  # noqa: SIM115 - the stream is the caller's
        self._members: Members[tarfile.TarInfo] = Members()
        for member in tar:
            name = self._members.meet(member)
            if member.isreg() and not member.issparse():
                self._members[name] = member

    def has(self, name: str) -> bool:
        """Whether there is a file of the name."""
        return self._members.find(name) is not None

    def manifest(self, wanted: Descriptor) -> bytes:
        """A document whole."""
        member = self._member(wanted)
        if member.size > MAX_DOCUMENT:
            raise Unreadable(f"{wanted.name} is too large for a document")
        return self._open(member).read()

    config = manifest

    def layers(self, wanted: Sequence[Descriptor]) -> Sequence[Blob]:
        """The layers, scanned where the shelf has them not."""
        return [self._layer(layer) for layer in wanted]

    def _layer(self, wanted: Descriptor) -> Blob:
        member = self._member(wanted)
        wanted.check_size(member.size)
        stored = Stored(self._open(member), member.size, wanted.digest)
        return take(stored, wanted, self._shelf)

    def _member(self, wanted: Descriptor) -> tarfile.TarInfo:
        member = self._members.find(wanted.name)
        if member is None:
            raise wanted.missing()
        return member

    def _open(self, member: tarfile.TarInfo) -> BinaryIO:
        section = _Section(self._stream, member.offset_data, member.size)
        return cast(BinaryIO, io.BufferedReader(section, CHUNK))


class _Section(io.RawIOBase):
    """A part of a file; tarfile's own would copy each byte twice on its way."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._at, self._end = file, start, start + size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)[: self._end - self._at]
        self._file.seek(self._at)
        count = cast(io.BufferedReader, self._file).readinto(view)
        if len(view) and not count:
            raise Unreadable("the archive is cut short")
        self._at += count
        return count
