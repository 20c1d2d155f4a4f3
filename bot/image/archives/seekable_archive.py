"""An archive in a file that can seek: its table first, then only what the image is made of."""

import io
import os
import tarfile
from collections.abc import Sequence
from typing import Any, BinaryIO, cast

from bot.image.archives.archive_members import Members
from bot.image.archives.blob import Blob, Stored, scan_blob
from bot.image.archives.descriptor import MAX_DOCUMENT, Descriptor
from bot.image.archives.layer_cache import Shelf, recall, take_all
from bot.image.layers.streams import CHUNK, Unreadable
from bot.parallel import WORTH, spread


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
        return take_all(wanted, self._shelf, self._known, self._read)

    def _known(self, layer: Descriptor) -> Blob | None:
        return recall(self._stored(layer), layer, self._shelf)

    def _read(self, layers: Sequence[Descriptor]) -> list[Blob]:
        if sum(map(self._size, layers)) < WORTH or not _has_file(self._stream):
            return [self._scan(layer) for layer in layers]
        return spread(layers, self._scan, self._scan, self._size)

    def _size(self, layer: Descriptor) -> int:
        return self._member(layer).size

    def _scan(self, layer: Descriptor) -> Blob:
        return scan_blob(self._stored(layer), gauged=self._shelf.gauged)

    def _stored(self, layer: Descriptor) -> Stored:
        member = self._member(layer)
        layer.check_size(member.size)
        return Stored(self._open(member), member.size, layer.digest)

    def _member(self, wanted: Descriptor) -> tarfile.TarInfo:
        member = self._members.find(wanted.name)
        if member is None:
            raise wanted.missing()
        return member

    def _open(self, member: tarfile.TarInfo) -> BinaryIO:
        section = _Section(self._stream, member.offset_data, member.size)
        return cast(BinaryIO, io.BufferedReader(section, CHUNK))


class _Section(io.RawIOBase):
    """A part of a file; tarfile's own would copy each byte twice on its way.

    Where it can, it reads at a place of its own, whatever another process does with the same file.
    """

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._at, self._end = file, start, start + size
        self._number = file.fileno() if _has_file(file) else None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)[: self._end - self._at]
        count = self._read_at(view)
        if len(view) and not count:
            raise Unreadable("the archive is cut short")
        self._at += count
        return count

    def _read_at(self, view: memoryview) -> int:
        if self._number is not None:
            return os.preadv(self._number, [view], self._at)
        self._file.seek(self._at)
        return cast(io.BufferedReader, self._file).readinto(view)


def _has_file(stream: BinaryIO) -> bool:
    """Whether there is a file of the system behind a stream, that tells where to read in it."""
    try:
        return hasattr(os, "preadv") and stream.fileno() >= 0
    except OSError:
        return False
