"""The reader of tar-split, the engine's own index of a layer's tar: all of it but the contents.

overlay2 keeps one for each layer (`tar-split.json.gz`, JSON lines): records of type 2 hold the raw
bytes between the contents, those of type 1 hold the size and CRC-64 of a content. It is the
engine's private format (github.com/vbatts/tar-split, storage.Entry), so it is recognised strictly:
anything unexpected is Unreadable, and the layer is exported instead.

Nearly all records are pairs of a plain header and the content behind it. These are read by a
regular expression, in a third of the time that a JSON parser takes; all others go through the
parser.
"""

import json
import re
import struct
from binascii import a2b_base64
from collections.abc import Iterator
from typing import Any, BinaryIO

from isal import igzip

from bot.image.layers.extended_headers import HeaderReader
from bot.image.layers.streams import DECODE_ERRORS, Unreadable
from bot.image.layers.tar_headers import BLOCK_BYTES, has_data, parse_plain_entry
from bot.image.layers.tar_scanner import EntryList
from bot.model.files import Entry

_FILE_RECORD, _SEGMENT_RECORD = 1, 2
_BATCH_BYTES = 256 << 10  # bytes of lines, few enough for a processor's cache
# Bounds for hostile indexes: a record of base64 is longer than the header in it by a third.
_MAX_PENDING_BYTES = 32 << 20
_MAX_LINE_LENGTH = 2 * _MAX_PENDING_BYTES

_SEGMENT_PREFIX = '{"type":2,"payload":"'
# The text after a segment's payload, if a content follows, and another segment after that: the
# end of the segment's record, the whole record of the file, and the beginning of the next record.
_AFTER_PAYLOAD_PATTERN = re.compile(
    r'","position":(\d+)\}\n\{"type":1,"name":"[^"\\]*",(?:"size":(\d+),)?'
    r'"payload":(?:"([\w+/]{11}=)"|null),"position":(\d+)\}\n\{"type":2,"payload":"',
    re.ASCII,
)
# The first 346 bytes of a header in base64, all that a plain one needs; up to two bytes before them
# may belong to the padding, as base64 groups three bytes.
_HEADER_BASE64_LENGTH = 464
_READ_ERRORS: tuple[type[Exception], ...] = (
    *DECODE_ERRORS,
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RecursionError,
    struct.error,
)


def read_tar_split(stream: BinaryIO) -> tuple[Entry, ...]:
    """Return the entries of a layer from its gzipped tar-split, contents hashed by CRC-64.

    Raises Unreadable for anything that is not in the expected format.
    """
    reader = _TarSplitReader()
    try:
        for lines in _read_line_batches(stream):
            reader.read_records(lines)
        return reader.finish()
    except _READ_ERRORS as error:
        raise Unreadable(f"the engine's index of a layer cannot be read: {error}") from error


def _read_line_batches(stream: BinaryIO) -> Iterator[str]:
    """Yield whole lines in large batches; as Latin-1, to be encoded again for JSON."""
    partial_line = ""
    with igzip.IGzipFile(fileobj=stream, mode="rb") as plain:  # type: ignore[no-untyped-call]
        while data := plain.read(_BATCH_BYTES):
            lines = partial_line + data.decode("latin-1")
            end = lines.rfind("\n") + 1
            partial_line = lines[end:]
            if len(partial_line) > _MAX_LINE_LENGTH:
                raise Unreadable("the engine's index of a layer holds a giant record")
            if end:
                yield lines[:end]
    if partial_line:
        yield partial_line


class _TarSplitReader:
    """The state between records: the bytes of the next header, and all entries so far."""

    def __init__(self) -> None:
        self._entries, self._headers = EntryList(), HeaderReader()
        self._position = self._padding = 0
        self._pending = b""

    def read_records(self, lines: str) -> None:
        """Read the next records, one a line."""
        offset = 0
        while offset < len(lines):
            offset = self._read_plain_pairs(lines, offset)
            end = lines.find("\n", offset) + 1 or len(lines)
            if offset < end:
                self._read_record(json.loads(lines[offset:end].encode("latin-1")))
            offset = end

    def finish(self) -> tuple[Entry, ...]:
        """Return all entries once every record was read."""
        # The blocks of zeros that end a tar are left over here.
        if has_data(self._pending[self._padding :]):
            raise Unreadable("the engine's index of a layer lacks its end")
        return self._entries.to_tuple()

    def _read_plain_pairs(self, lines: str, offset: int) -> int:
        """Read pairs of a plain header and a content; return the next line's offset."""
        is_plain = not self._pending and not self._headers.has_global_header
        if not is_plain or not lines.startswith(_SEGMENT_PREFIX, offset):
            return offset
        entries, position, padding = list[Entry](), self._position, self._padding
        start, match_pair = offset + len(_SEGMENT_PREFIX), _AFTER_PAYLOAD_PATTERN.match
        # The payload is the padding and one header; base64 makes four characters of three bytes.
        while match := match_pair(lines, start + (padding + BLOCK_BYTES + 2) // 3 * 4):
            segment_position, size_text, content_hash, file_position = match.groups()
            header_start = start + padding // 3 * 4
            header = a2b_base64(lines[header_start : header_start + _HEADER_BASE64_LENGTH])
            stored_bytes = int(size_text or 0)
            entry = parse_plain_entry(
                header, padding % 3, stored_bytes, content_hash if stored_bytes else ""
            )
            if (
                entry is None
                or int(segment_position) != position
                or int(file_position) != position + 1
            ):
                break
            entries.append(entry)
            position, padding = position + 2, -stored_bytes % BLOCK_BYTES
            start = match.end()
        self._position, self._padding = position, padding
        self._entries.extend(entries)
        return start - len(_SEGMENT_PREFIX)

    def _read_record(self, record: dict[str, Any]) -> None:
        """Read a record of any kind."""
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
        """Add the entry of the header before a content, if there is one."""
        member = self._headers.read_member(_HeaderSlice(self._pending, self._padding).read_bytes)
        if member:
            if member.stored_bytes != size:
                raise Unreadable(f"the engine's index of a layer disagrees about {member.path}")
            self._entries.add(member, content_hash if size else "")
        self._pending, self._padding = b"", -size % BLOCK_BYTES


class _HeaderSlice:
    """The bytes between two contents, without the first one's padding."""

    def __init__(self, data: bytes, start: int) -> None:
        self._data, self._offset = data, start

    def read_bytes(self, size: int) -> bytes:
        """Read the next bytes, as `HeaderReader.read_member` requires."""
        data = self._data[self._offset : self._offset + size]
        self._offset += size
        if 0 < len(data) < size:
            raise Unreadable("the engine's index of a layer is truncated")
        return data
