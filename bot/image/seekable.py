"""An archive in a file that can seek: its table first, then only what the image is made of."""

import io
import tarfile
from collections.abc import Sequence
from typing import BinaryIO, cast

from bot.image.blob import Blob, Stored
from bot.image.descriptor import MAX_DOCUMENT, Descriptor
from bot.image.members import Members
from bot.image.shelf import Shelf, take
from bot.image.streams import CHUNK, Unreadable


class SeekableTar:
    """A folder of documents and layers, each read at its place; layers that are known are not."""

    def __init__(self, stream: BinaryIO, shelf: Shelf, way: str) -> None:
        """Reads the names and places of all members; TarError if it is no whole archive."""
        self._tar, self._shelf, self.way = tarfile.open(fileobj=stream, mode="r:"), shelf, way  # noqa: SIM115
        self._members: Members[tarfile.TarInfo] = Members()
        for member in self._tar:
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
        raw = cast(io.RawIOBase, self._tar.extractfile(member))
        return cast(BinaryIO, io.BufferedReader(raw, CHUNK))
