"""An archive in a seekable file: its members are listed first, then only the image's are read."""

import io
import os
from collections.abc import Sequence
from typing import Any, BinaryIO, NamedTuple, cast

from bot.image.archives.archive_members import MAX_MEMBERS, ArchiveMembers, is_whole_file
from bot.image.archives.blob import Blob, StoredBlob, scan_blob
from bot.image.archives.descriptor import MAX_DOCUMENT_BYTES, Descriptor
from bot.image.archives.layer_cache import LayerCache, get_or_scan_layers, lookup_layer
from bot.image.layers.streams import CHUNK_BYTES, Unreadable
from bot.image.layers.tar_members import list_members
from bot.parallel import MIN_PARALLEL_BYTES, run_in_two_processes


class _Section(NamedTuple):
    """The part of the file that holds a member, in bytes."""

    offset: int
    size: int


class SeekableArchive:
    """An archive of documents and layers, read at their offsets; cached layers are skipped."""

    def __init__(self, stream: BinaryIO, layer_cache: LayerCache, read_method: str) -> None:
        """List the names and offsets of all members; raise Unreadable if it is cut short."""
        self._stream, self._layer_cache, self.read_method = stream, layer_cache, read_method
        self._members: ArchiveMembers[_Section] = ArchiveMembers()
        for member, offset in list_members(stream, MAX_MEMBERS):
            name = self._members.register(member)
            if is_whole_file(member):
                self._members[name] = _Section(offset, member.stored_bytes)

    def has_document(self, name: str) -> bool:
        """Return True if there is a file of this name."""
        return self._members.resolve(name) is not None

    def read_manifest(self, descriptor: Descriptor) -> bytes:
        """Return the bytes of a document."""
        member = self._get_member(descriptor)
        if member.size > MAX_DOCUMENT_BYTES:
            raise Unreadable(f"{descriptor.name} is too large for a document")
        return self._open_member(member).read()

    read_config = read_manifest

    def read_layers(self, descriptors: Sequence[Descriptor]) -> Sequence[Blob]:
        """Return the layers, scanned where the cache lacks them."""
        return get_or_scan_layers(
            descriptors, self._layer_cache, self._lookup_layer, self._scan_layers
        )

    def _lookup_layer(self, descriptor: Descriptor) -> Blob | None:
        return lookup_layer(self._open_blob(descriptor), descriptor, self._layer_cache)

    def _scan_layers(self, descriptors: Sequence[Descriptor]) -> list[Blob]:
        is_small = sum(map(self._get_size, descriptors)) < MIN_PARALLEL_BYTES
        if is_small or not _has_file_descriptor(self._stream):
            return [self._scan_layer(layer) for layer in descriptors]
        return run_in_two_processes(descriptors, self._scan_layer, self._scan_layer, self._get_size)

    def _get_size(self, descriptor: Descriptor) -> int:
        return self._get_member(descriptor).size

    def _scan_layer(self, descriptor: Descriptor) -> Blob:
        return scan_blob(
            self._open_blob(descriptor), measure_compression=self._layer_cache.measure_compression
        )

    def _open_blob(self, descriptor: Descriptor) -> StoredBlob:
        member = self._get_member(descriptor)
        descriptor.check_size(member.size)
        return StoredBlob(
            self._open_member(member),
            member.size,
            descriptor.digest,
            trusted_diff_id=self._layer_cache.get_trusted_diff_id(descriptor),
        )

    def _get_member(self, descriptor: Descriptor) -> _Section:
        member = self._members.resolve(descriptor.name)
        if member is None:
            raise descriptor.make_missing_error()
        return member

    def _open_member(self, member: _Section) -> BinaryIO:
        section = _FileSection(self._stream, member.offset, member.size)
        return cast(BinaryIO, io.BufferedReader(section, CHUNK_BYTES))


class _FileSection(io.RawIOBase):
    """A section of a file as a stream.

    With a file descriptor it reads by `preadv`, so that a second process can read the same open
    file.
    """

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._offset, self._end = file, start, start + size
        self._file_descriptor = file.fileno() if _has_file_descriptor(file) else None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)[: self._end - self._offset]
        count = self._read_at_offset(view)
        if len(view) and not count:
            raise Unreadable("the archive is truncated")
        self._offset += count
        return count

    def _read_at_offset(self, view: memoryview) -> int:
        # `preadv` leaves the file's position alone, which two processes share.
        if self._file_descriptor is not None:
            return os.preadv(self._file_descriptor, [view], self._offset)
        self._file.seek(self._offset)
        return cast(io.BufferedReader, self._file).readinto(view)


def _has_file_descriptor(stream: BinaryIO) -> bool:
    """Return True if a stream is a file of the system that `preadv` can read."""
    try:
        return hasattr(os, "preadv") and stream.fileno() >= 0
    except OSError:
        return False
