"""Reads tar-split: the engine's own index of a layer's tar, everything in it but the contents.

overlay2 keeps one for each layer (`tar-split.json.gz`, JSON lines): records of type 2 hold the raw
bytes between the contents, those of type 1 stand for a content by its size and CRC-64. It is the
engine's private format (github.com/vbatts/tar-split, storage.Entry), so it is recognised strictly:
anything unexpected is Unreadable, and the layer is exported instead.

Nearly all of it are pairs of one plain header and the content behind it. These are read where they
lie, in a third of the time that a JSON parser takes; all others go through one.
"""

import json
import re
from binascii import a2b_base64
from collections.abc import Iterator
from typing import Any, BinaryIO

from isal import igzip

from bot.image.layers.streams import Unreadable
from bot.image.layers.tar_headers import BLOCK_BYTES, HeaderReader, has_data, parse_plain_entry
from bot.image.layers.tar_scanner import EntryList
from bot.model.files import Entry

_FILE_RECORD, _SEGMENT_RECORD = 1, 2
_BATCH_BYTES = 256 << 10  # bytes of lines, few enough for a processor's cache
_MAX_PENDING_BYTES = 32 << 20
_MAX_LINE_LENGTH = 2 * _MAX_PENDING_BYTES

_SEGMENT_PREFIX = '{"type":2,"payload":"'
# What follows the payload of a segment, if a content follows and another segment after that.
_AFTER_PAYLOAD_PATTERN = re.compile(
    r'","position":(\d+)\}\n\{"type":1,"name":"[^"\\]*",(?:"size":(\d+),)?'
    r'"payload":(?:"([\w+/]{11}=)"|null),"position":(\d+)\}\n\{"type":2,"payload":"',
    re.ASCII,
)
# As much of a header as tells all of a plain one, in base64; two bytes before it may belong to
# what precedes.
_HEADER_BASE64_LENGTH = 464


def read_tar_split(stream: BinaryIO) -> tuple[Entry, ...]:
    """The entries of a layer from its gzipped tar-split, told apart by CRC-64; Unreadable if that is
    not what it looks like."""
    reader = _TarSplitReader()
    try:
        for lines in _read_line_batches(stream):
            reader.read_records(lines)
        return reader.finish()
    except (EOFError, OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
        raise Unreadable(f"the engine's index of a layer cannot be read: {problem}") from problem


def _read_line_batches(stream: BinaryIO) -> Iterator[str]:
    """Whole lines, many at once; as Latin-1, which a JSON parser must not see."""
    left = ""
    with igzip.IGzipFile(fileobj=stream, mode="rb") as plain:  # type: ignore[no-untyped-call]
        while more := plain.read(_BATCH_BYTES):
            lines = left + more.decode("latin-1")
            end = lines.rfind("\n") + 1
            left = lines[end:]
            if len(left) > _MAX_LINE_LENGTH:
                raise Unreadable("the engine's index of a layer holds a giant record")
            if end:
                yield lines[:end]
    if left:
        yield left


class _TarSplitReader:
    """Puts the records together to entries."""

    def __init__(self) -> None:
        self._entries, self._headers = EntryList(), HeaderReader()
        self._position = self._padding = 0
        self._pending = b""

    def read_records(self, lines: str) -> None:
        """The next records, one a line."""
        at = 0
        while at < len(lines):
            at = self._read_plain_pairs(lines, at)
            end = lines.find("\n", at) + 1 or len(lines)
            if at < end:
                self._read_record(json.loads(lines[at:end].encode("latin-1")))
            at = end

    def finish(self) -> tuple[Entry, ...]:
        """All entries, once everything was read."""
        if has_data(self._pending[self._padding :]):
            raise Unreadable("the engine's index of a layer lacks its end")
        return self._entries.to_tuple()

    def _read_plain_pairs(self, lines: str, offset: int) -> int:
        """Reads pairs of a plain header and a content; gives the beginning of the first other line."""
        if (
            self._pending
            or self._headers.has_global_header
            or not lines.startswith(_SEGMENT_PREFIX, offset)
        ):
            return offset
        found, position, padding = list[Entry](), self._position, self._padding
        start, rest = offset + len(_SEGMENT_PREFIX), _AFTER_PAYLOAD_PATTERN.match
        while match := rest(lines, start + (padding + BLOCK_BYTES + 2) // 3 * 4):
            first, size, content, second = match.groups()
            head = start + padding // 3 * 4
            header = a2b_base64(lines[head : head + _HEADER_BASE64_LENGTH])
            stored = int(size or 0)
            entry = parse_plain_entry(header, padding % 3, stored, content if stored else "")
            if entry is None or int(first) != position or int(second) != position + 1:
                break
            found.append(entry)
            position, padding = position + 2, -stored % BLOCK_BYTES
            start = match.end()
        self._position, self._padding = position, padding
        self._entries.extend(found)
        return start - len(_SEGMENT_PREFIX)

    def _read_record(self, record: dict[str, Any]) -> None:
        """Any record."""
        if record["position"] != self._position:
            raise Unreadable("the engine's index of a layer has a gap")
        self._position += 1
        if record["type"] == _SEGMENT_RECORD:
            self._pending += a2b_base64(record["payload"])
            if len(self._pending) > _MAX_PENDING_BYTES:
                raise Unreadable("the engine's index of a layer holds a giant header")
        elif record["type"] == _FILE_RECORD:
            self._add_entry(record.get("size", 0), record["payload"])
        else:
            raise Unreadable("the engine's index of a layer has records of an unknown type")

    def _add_entry(self, size: int, content_hash: str) -> None:
        """The entry whose header was read before, if there is one."""
        found = self._headers.read_member(_HeaderSlice(self._pending, self._padding).read_bytes)
        if found:
            if found.stored_bytes != size:
                raise Unreadable(f"the engine's index of a layer disagrees about {found.path}")
            self._entries.add(found, content_hash if size else "")
        self._pending, self._padding = b"", -size % BLOCK_BYTES


class _HeaderSlice:
    """The bytes between two contents, from behind the padding of the first."""

    def __init__(self, data: bytes, start: int) -> None:
        self._data, self._offset = data, start

    def read_bytes(self, size: int) -> bytes:
        """The next bytes, as `HeaderReader.next` wants them."""
        taken = self._data[self._offset : self._offset + size]
        self._offset += size
        if 0 < len(taken) < size:
            raise Unreadable("the engine's index of a layer is cut short")
        return taken
