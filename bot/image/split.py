"""Reads tar-split: the engine's own index of a layer's tar, everything in it but the contents.

overlay2 keeps one for each layer (`tar-split.json.gz`, JSON lines): records of type 2 hold the raw
bytes between the contents, those of type 1 stand for a content by its size and CRC-64. It is the
engine's private format (github.com/vbatts/tar-split, storage.Entry), so it is recognised strictly:
anything unexpected is Unreadable, and the layer is exported instead.
"""

import json
from binascii import a2b_base64
from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO

from isal import igzip

from bot.core.entries import Entry
from bot.image.scan import EntryList
from bot.image.streams import Unreadable
from bot.image.tar import BLOCK, TYPE, HeaderReader, Member, is_set, member

_FILE, _SEGMENT = 1, 2
_PLAIN_TYPES = b"0125"
_AT_ONCE = (
    1 << 20
)  # bytes of lines for one call of the JSON parser: a call for each takes far longer
_MAX_PENDING = 32 << 20


def read_split(stream: BinaryIO) -> tuple[Entry, ...]:
    """The entries of a layer from its gzipped tar-split, told apart by CRC-64; Unreadable if that is
    not what it looks like."""
    try:
        return _entries(_records(stream))
    except (EOFError, OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
        raise Unreadable(f"the engine's index of a layer cannot be read: {problem}") from problem


def _records(stream: BinaryIO) -> Iterator[list[dict[str, Any]]]:
    with igzip.IGzipFile(fileobj=stream, mode="rb") as plain:  # type: ignore[no-untyped-call]
        while lines := plain.readlines(_AT_ONCE):
            yield json.loads(b"[" + b",".join(lines) + b"]")


def _entries(batches: Iterator[list[dict[str, Any]]]) -> tuple[Entry, ...]:
    entries, headers = EntryList(), HeaderReader()
    pending, padding = b"", 0
    for position, record in enumerate(chain.from_iterable(batches)):
        if record["position"] != position:
            raise Unreadable("the engine's index of a layer has a gap")
        if record["type"] == _SEGMENT:
            pending += a2b_base64(record["payload"])
            if len(pending) > _MAX_PENDING:
                raise Unreadable("the engine's index of a layer holds a giant header")
        elif record["type"] == _FILE:
            size = record.get("size", 0)
            # One plain header, nearly always; whatever else there may be is read step by step.
            simple = len(pending) == padding + BLOCK and pending[padding + TYPE] in _PLAIN_TYPES
            if simple and not headers.extended:
                found: Member | None = member(pending[padding:])
            else:
                found = headers.next(_Slice(pending, padding).take)
            if found:
                if found.stored != size:
                    raise Unreadable(f"the engine's index of a layer disagrees about {found.path}")
                entries.add(found, record["payload"] if size else "")
            pending, padding = b"", -size % BLOCK
        else:
            raise Unreadable("the engine's index of a layer has records of an unknown type")
    if is_set(pending[padding:]):
        raise Unreadable("the engine's index of a layer lacks its end")
    return entries.done()


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
