"""An archive in a stream: the manifest may come last, so every layer is read on the way."""

from collections.abc import Sequence
from typing import BinaryIO, NamedTuple

from bot.image.archives.archive_members import MAX_MEMBERS, ArchiveMembers, is_whole_file
from bot.image.archives.blob import Blob, StoredBlob
from bot.image.archives.descriptor import MAX_DOCUMENT_BYTES, Descriptor
from bot.image.archives.layer_cache import LayerCache, get_or_scan_layer
from bot.image.layers.streams import Unreadable, is_compressed, peek
from bot.image.layers.tar_members import read_members

# Documents are kept until the end of the stream, so many of them must not fill the memory.
_MAX_DOCUMENTS_BYTES = 4 * MAX_DOCUMENT_BYTES


class _ScannedLayer(NamedTuple):
    """A layer, and its size in the archive in bytes."""

    size: int
    blob: Blob


class StreamedArchive:
    """An archive of documents and layers, all of them read in one pass."""

    def __init__(self, stream: BinaryIO, layer_cache: LayerCache, read_method: str) -> None:
        """Read all of the stream; raise Unreadable if it is cut short."""
        self._layer_cache, self.read_method = layer_cache, read_method
        self._members: ArchiveMembers[bytes | _ScannedLayer | Unreadable] = ArchiveMembers()
        self._remaining_document_bytes = _MAX_DOCUMENTS_BYTES
        for member, content in read_members(stream, MAX_MEMBERS):
            name = self._members.register(member)
            if is_whole_file(member):
                self._members[name] = self._read_member(name, member.size, content)

    def has_document(self, name: str) -> bool:
        """Return True if there is a document of this name."""
        return isinstance(self._members.resolve(name), bytes)

    def read_manifest(self, descriptor: Descriptor) -> bytes:
        """Return the bytes of a document."""
        content = self._get_member(descriptor)
        if not isinstance(content, bytes):
            raise descriptor.make_missing_error()
        return content

    read_config = read_manifest

    def read_layers(self, descriptors: Sequence[Descriptor]) -> Sequence[Blob]:
        """Return the layers that were scanned on the way."""
        return [self._get_layer(layer) for layer in descriptors]

    def _get_layer(self, descriptor: Descriptor) -> Blob:
        layer = self._get_member(descriptor)
        if not isinstance(layer, _ScannedLayer):
            raise descriptor.make_missing_error()
        descriptor.check_size(layer.size)
        return layer.blob

    def _get_member(self, descriptor: Descriptor) -> bytes | _ScannedLayer | None:
        member = self._members.resolve(descriptor.name)
        if isinstance(member, Unreadable):
            raise member
        return member

    def _read_member(
        self, name: str, size: int, content: BinaryIO
    ) -> bytes | _ScannedLayer | Unreadable:
        """Return a document or a layer, or the reason why it is neither.

        The reason is raised only if the image needs this member.
        """
        if _is_document(peek(content, 512), size):
            if size > self._remaining_document_bytes:
                return Unreadable(f"{name} comes after more documents than any image has")
            self._remaining_document_bytes -= size
            return content.read()
        descriptor = Descriptor.from_file_name(name)
        stored_blob = StoredBlob(content, size, descriptor.digest)
        try:
            blob = get_or_scan_layer(stored_blob, descriptor, self._layer_cache)
        except Unreadable as error:
            return error
        return _ScannedLayer(size, blob)


def _is_document(head: bytes, size: int) -> bool:
    """Return True for JSON, and for text that is shorter than a tar's smallest block."""
    # Bytes 257 to 261 of a tar header are its magic, "ustar" for POSIX and GNU alike.
    if is_compressed(head) or head[257:262] == b"ustar":
        return False
    return size < 512 or (size <= MAX_DOCUMENT_BYTES and head[:1] in (b"{", b"["))
