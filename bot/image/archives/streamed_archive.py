"""An archive that passes by once: which layers are the image's is known only at its end."""

import io
import tarfile
from collections.abc import Sequence
from typing import BinaryIO, NamedTuple, cast

from bot.image.archives.archive_members import ArchiveMembers
from bot.image.archives.blob import Blob, StoredBlob
from bot.image.archives.descriptor import MAX_DOCUMENT_BYTES, Descriptor
from bot.image.archives.layer_cache import LayerCache, get_or_scan_layer
from bot.image.layers.streams import CHUNK_BYTES, Unreadable, clear_members, is_compressed, peek

_MAX_DOCUMENTS_BYTES = 4 * MAX_DOCUMENT_BYTES


class _ScannedLayer(NamedTuple):
    """A layer, and the bytes it took in the archive."""

    size: int
    blob: Blob


class StreamedArchive:
    """A folder of documents and layers, every one of them read on the way."""

    def __init__(self, stream: BinaryIO, layer_cache: LayerCache, read_method: str) -> None:
        """Reads all of it; TarError if it is no whole archive."""
        self._layer_cache, self.read_method = layer_cache, read_method
        self._members: ArchiveMembers[bytes | _ScannedLayer | Unreadable] = ArchiveMembers()
        self._remaining_document_bytes = _MAX_DOCUMENTS_BYTES
        with tarfile.open(fileobj=stream, mode="r|", bufsize=CHUNK_BYTES) as tar:
            for member in tar:
                clear_members(tar)
                name = self._members.register(member)
                if member.isreg() and not member.issparse():
                    self._members[name] = self._read_member(
                        name, member.size, tar.extractfile(member)
                    )

    def has_document(self, name: str) -> bool:
        """Whether there is a document of the name."""
        return isinstance(self._members.resolve(name), bytes)

    def read_manifest(self, descriptor: Descriptor) -> bytes:
        """A document whole."""
        found = self._get_member(descriptor)
        if not isinstance(found, bytes):
            raise descriptor.make_missing_error()
        return found

    read_config = read_manifest

    def read_layers(self, descriptors: Sequence[Descriptor]) -> Sequence[Blob]:
        """The layers, as they were found."""
        return [self._get_layer(layer) for layer in descriptors]

    def _get_layer(self, descriptor: Descriptor) -> Blob:
        found = self._get_member(descriptor)
        if not isinstance(found, _ScannedLayer):
            raise descriptor.make_missing_error()
        descriptor.check_size(found.size)
        return found.blob

    def _get_member(self, descriptor: Descriptor) -> bytes | _ScannedLayer | None:
        found = self._members.resolve(descriptor.name)
        if isinstance(found, Unreadable):
            raise found
        return found

    def _read_member(
        self, name: str, size: int, stream: object
    ) -> bytes | _ScannedLayer | Unreadable:
        """A document, a layer, or why it is neither, which matters only to an image made of it."""
        content = cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, stream), CHUNK_BYTES))
        if _is_document(peek(content, 512), size):
            if size > self._remaining_document_bytes:
                return Unreadable(f"{name} comes after more documents than any image has")
            self._remaining_document_bytes -= size
            return content.read()
        named = Descriptor.from_file_name(name)
        try:
            return _ScannedLayer(
                size,
                get_or_scan_layer(
                    StoredBlob(content, size, named.digest), named, self._layer_cache
                ),
            )
        except Unreadable as problem:
            return problem


def _is_document(head: bytes, size: int) -> bool:
    """JSON, or a scrap of text as the legacy format has; a tar is never shorter than a block."""
    if is_compressed(head) or head[257:262] == b"ustar":
        return False
    return size < 512 or (size <= MAX_DOCUMENT_BYTES and head[:1] in (b"{", b"["))
