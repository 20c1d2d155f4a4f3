"""An archive that passes by once: which layers are the image's is known only at its end."""

import io
import tarfile
from collections.abc import Sequence
from typing import BinaryIO, NamedTuple, cast

from bot.image.archives.archive_members import Members
from bot.image.archives.blob import Blob, Stored
from bot.image.archives.descriptor import MAX_DOCUMENT, Descriptor
from bot.image.archives.layer_cache import Shelf, take
from bot.image.layers.streams import CHUNK, Unreadable, forget_members, is_compressed, peek

_MAX_DOCUMENTS = 4 * MAX_DOCUMENT


class _Layer(NamedTuple):
    """A layer, and the bytes it took in the archive."""

    size: int
    blob: Blob


class Passage:
    """A folder of documents and layers, every one of them read on the way."""

    def __init__(self, stream: BinaryIO, shelf: Shelf, way: str) -> None:
        """Reads all of it; TarError if it is no whole archive."""
        self._shelf, self.way = shelf, way
        self._members: Members[bytes | _Layer | Unreadable] = Members()
        self._room = _MAX_DOCUMENTS
        with tarfile.open(fileobj=stream, mode="r|", bufsize=CHUNK) as tar:
            for member in tar:
                forget_members(tar)
                name = self._members.meet(member)
                if member.isreg() and not member.issparse():
                    self._members[name] = self._read(name, member.size, tar.extractfile(member))

    def has(self, name: str) -> bool:
        """Whether there is a document of the name."""
        return isinstance(self._members.find(name), bytes)

    def manifest(self, wanted: Descriptor) -> bytes:
        """A document whole."""
        found = self._find(wanted)
        if not isinstance(found, bytes):
            raise wanted.missing()
        return found

    config = manifest

    def layers(self, wanted: Sequence[Descriptor]) -> Sequence[Blob]:
        """The layers, as they were found."""
        return [self._layer(layer) for layer in wanted]

    def _layer(self, wanted: Descriptor) -> Blob:
        found = self._find(wanted)
        if not isinstance(found, _Layer):
            raise wanted.missing()
        wanted.check_size(found.size)
        return found.blob

    def _find(self, wanted: Descriptor) -> bytes | _Layer | None:
        found = self._members.find(wanted.name)
        if isinstance(found, Unreadable):
            raise found
        return found

    def _read(self, name: str, size: int, stream: object) -> bytes | _Layer | Unreadable:
        """A document, a layer, or why it is neither, which matters only to an image made of it."""
        content = cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, stream), CHUNK))
        if _is_document(peek(content, 512), size):
            if size > self._room:
                return Unreadable(f"{name} comes after more documents than any image has")
            self._room -= size
            return content.read()
        named = Descriptor.named(name)
        try:
            return _Layer(size, take(Stored(content, size, named.digest), named, self._shelf))
        except Unreadable as problem:
            return problem


def _is_document(head: bytes, size: int) -> bool:
    """JSON, or a scrap of text as the legacy format has; a tar is never shorter than a block."""
    if is_compressed(head) or head[257:262] == b"ustar":
        return False
    return size < 512 or (size <= MAX_DOCUMENT and head[:1] in (b"{", b"["))
