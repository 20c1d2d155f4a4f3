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
from bot.image.layers.tar_headers import BLOCK, HeaderReader, is_set, plain_entry
from bot.image.layers.tar_scanner import EntryList
from bot.model.files import Entry

_FILE, _SEGMENT = 1, 2
_AT_ONCE = 256 << 10  # bytes of lines, few enough for a processor's cache
_MAX_PENDING = 32 << 20
_MAX_LINE = 2 * _MAX_PENDING

_BEGIN = '{"type":2,"payload":"'
# What follows the payload of a segment, if a content follows and another segment after that.
_REST = re.compile(
    r'","position":(\d+)\}\n\{"type":1,"name":"[^"\\]*",(?:"size":(\d+),)?'
    r'"payload":(?:"([\w+/]{11}=)"|null),"position":(\d+)\}\n\{"type":2,"payload":"',
    re.ASCII,
)
# As much of a header as tells all of a plain one, in base64; two bytes before it may belong to
# what precedes.
_HEAD = 464


def read_split(stream: BinaryIO) -> tuple[Entry, ...]:
    """The entries of a layer from its gzipped tar-split, told apart by CRC-64; Unreadable if that is
    not what it looks like."""
    reader = _Reader()
    try:
        for lines in _lines(stream):
            reader.read(lines)
        return reader.done()
    except (EOFError, OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
        raise Unreadable(f"the engine's index of a layer cannot be read: {problem}") from problem


def _lines(stream: BinaryIO) -> Iterator[str]:
    """Whole lines, many at once; as Latin-1, which a JSON parser must not see."""
    left = ""
    with igzip.IGzipFile(fileobj=stream, mode="rb") as plain:  # type: ignore[no-untyped-call]
        while more := plain.read(_AT_ONCE):
            lines = left + more.decode("latin-1")
            end = lines.rfind("\n") + 1
            left = lines[end:]
            if len(left) > _MAX_LINE:
                raise Unreadable("the engine's index of a layer holds a giant record")
            if end:
                yield lines[:end]
    if left:
        yield left


class _Reader:
    """Puts the records together to entries."""

    def __init__(self) -> None:
        self._entries, self._headers = EntryList(), HeaderReader()
        self._position = self._padding = 0
        self._pending = b""

    def read(self, lines: str) -> None:
        """The next records, one a line."""
        at = 0
        while at < len(lines):
            at = self._read_plain(lines, at)
            end = lines.find("\n", at) + 1 or len(lines)
            if at < end:
                self._read_record(json.loads(lines[at:end].encode("latin-1")))
            at = end

    def done(self) -> tuple[Entry, ...]:
        """All entries, once everything was read."""
        if is_set(self._pending[self._padding :]):
            raise Unreadable("the engine's index of a layer lacks its end")
        return self._entries.done()

    def _read_plain(self, lines: str, at: int) -> int:
        """Reads pairs of a plain header and a content; gives the beginning of the first other line."""
        if self._pending or self._headers.extended or not lines.startswith(_BEGIN, at):
            return at
        found, position, padding = list[Entry](), self._position, self._padding
        start, rest = at + len(_BEGIN), _REST.match
        while match := rest(lines, start + (padding + BLOCK + 2) // 3 * 4):
            first, size, content, second = match.groups()
            head = start + padding // 3 * 4
            header = a2b_base64(lines[head : head + _HEAD])
            stored = int(size or 0)
            entry = plain_entry(header, padding % 3, stored, content if stored else "")
            if entry is None or int(first) != position or int(second) != position + 1:
                break
            found.append(entry)
            position, padding = position + 2, -stored % BLOCK
            start = match.end()
        self._position, self._padding = position, padding
        self._entries.extend(found)
        return start - len(_BEGIN)

    def _read_record(self, record: dict[str, Any]) -> None:
        """Any record."""
        if record["position"] != self._position:
            raise Unreadable("the engine's index of a layer has a gap")
        self._position += 1
        if record["type"] == _SEGMENT:
            self._pending += a2b_base64(record["payload"])
            if len(self._pending) > _MAX_PENDING:
                raise Unreadable("the engine's index of a layer holds a giant header")
        elif record["type"] == _FILE:
            self._add(record.get("size", 0), record["payload"])
        else:
            raise Unreadable("the engine's index of a layer has records of an unknown type")

    def _add(self, size: int, content: str) -> None:
        """The entry whose header was read before, if there is one."""
        found = self._headers.next(_Slice(self._pending, self._padding).take)
        if found:
            if found.stored != size:
                raise Unreadable(f"the engine's index of a layer disagrees about {found.path}")
            self._entries.add(found, content if size else "")
        self._pending, self._padding = b"", -size % BLOCK


class _Slice:
    """The bytes between two contents, from behind the padding of the first."""

    def __init__(self, data: bytes, start: int) -> None:
        self._data, self._at = data, start

    def take(self, size: int) -> bytes:
        """The next bytes, as `HeaderReader.next` wants them."""
        taken = self._data[self._at : self._at + size]
        self._at += size
        if 0 < len(taken) < size:
            raise Unreadable("the engine's index of a layer is cut short")
        return taken
