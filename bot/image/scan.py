"""Reads one layer's tar from a stream and keeps its index; nothing is ever unpacked to disk."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from bot.core.entries import WHITEOUT, Entry, Identity, is_whiteout
from bot.image.estimate import SAMPLE, Samples
from bot.image.index import LayerIndex, index_layer
from bot.image.packages.reading import Probe, Probes, packages_in
from bot.image.streams import CHUNK, Gauge, Tap, Unreadable
from bot.image.tar import BLOCK, HeaderReader, Member

# Bounds for hostile layers, far above what real images hold (the largest seen: 400,000 entries).
_MAX_ENTRIES = 1_000_000
_MAX_NAMES = 200_000_000
_PLAIN_NAMES = 200  # bytes that a plain header has for its path and its link


def scan_layer(stream: BinaryIO, gauge: Gauge | None = None) -> LayerIndex:
    """The index of an uncompressed layer tar; Unreadable if it is none or breaks the bounds."""
    tap = Tap(stream, gauge)
    entries, probes, samples = EntryList(), Probes(), Samples()
    try:
        feed, headers = Feed(tap), HeaderReader()
        while found := headers.next(feed.take):
            path, size, mode = found.path, found.stored, found.mode
            probe = probes.ask(path, size, mode) if size else None
            if size and samples.wants(path, size, mode):
                samples.look(path, size, feed.peek()[:size])
            entries.add(found, _digest(feed, size, probe))
    except (EOFError, OSError) as problem:
        raise Unreadable(f"a layer ends before its time: {problem}") from problem
    tap.drain()
    return index_layer(
        tap.digest,
        entries.done(),
        Identity.SHA256,
        packages_in(entries.done(), probes),
        shares=samples.shares(),
        gauged_bytes=gauge.total() if gauge else None,
    )


class EntryList:
    """The entries of a layer, within bounds."""

    def __init__(self) -> None:
        """Empty."""
        self._entries: list[Entry] = []
        self._names = 0

    def add(self, found: Member, content: str) -> None:
        """One more; Unreadable if that is more than any real image holds."""
        path, kind, size, _, mode, uid, gid, link = found
        if WHITEOUT in path and is_whiteout(path):
            size, content = 0, ""
        self._entries.append(Entry(path, kind, size, mode, uid, gid, link, content))
        self._names += len(path) + len(link)
        self._check()

    def extend(self, entries: Sequence[Entry]) -> None:
        """Many more at once, none of which has more than a plain header holds."""
        self._entries.extend(entries)
        self._names += _PLAIN_NAMES * len(entries)
        self._check()

    def done(self) -> tuple[Entry, ...]:
        """All of them, in the order of the tar."""
        return tuple(self._entries)

    def _check(self) -> None:
        if len(self._entries) > _MAX_ENTRIES or self._names > _MAX_NAMES:
            raise Unreadable("a layer holds more entries, or longer names, than any real image")


class Feed:
    """Bytes in pieces of any size, out of a stream that gives them in large ones."""

    def __init__(self, source: Tap) -> None:
        """At the beginning of the source."""
        self._source = source
        self._data = memoryview(b"")

    def take(self, size: int) -> bytes:
        """The next `size` bytes, none at the end; Unreadable if the stream ends amid them."""
        if size <= len(self._data):
            here, self._data = self._data[:size], self._data[size:]
            return bytes(here)
        taken = b"".join(self.pieces(size, strict=False))
        if taken and len(taken) < size:
            raise Unreadable("a layer's tar is cut short")
        return taken

    def peek(self) -> bytes:
        """Some of the bytes that come next, which stay to be read."""
        if len(self._data) < SAMPLE:
            more = self._source.read(SAMPLE)
            self._data = memoryview(bytes(self._data) + more)
        return bytes(self._data[:SAMPLE])

    def pieces(self, size: int, *, strict: bool = True) -> Iterator[memoryview]:
        """The next `size` bytes as they come."""
        while size:
            if not self._data:
                self._data = memoryview(self._source.read(CHUNK))
                if not self._data:
                    if strict:
                        raise Unreadable("a layer's tar is cut short")
                    return
            piece, self._data = self._data[:size], self._data[size:]
            size -= len(piece)
            yield piece

    def skip(self, size: int) -> None:
        """Passes over bytes; those behind the end are not missed."""
        if size <= len(self._data):
            self._data = self._data[size:]
        else:
            for _ in self.pieces(size, strict=False):
                pass


def _digest(feed: Feed, size: int, probe: Probe | None) -> str:
    """The identity of a file's content, of which `size` bytes follow; a probe sees them go by."""
    if not size:
        return ""
    digest = hashlib.sha256()
    for piece in feed.pieces(size):
        digest.update(piece)
        if probe:
            probe.feed(bytes(piece))
    feed.skip(-size % BLOCK)
    return digest.hexdigest()[:32]
