"""Reads one layer's tar from a stream and keeps its index; nothing is ever unpacked to disk."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from xxhash import xxh3_128, xxh3_128_hexdigest

from bot.image.layers.gzip_estimate import SAMPLE, Samples
from bot.image.layers.layer_index import LayerIndex, index_layer
from bot.image.layers.streams import CHUNK, Gauge, Tap, Unreadable
from bot.image.layers.tar_headers import (
    BLOCK,
    HeaderReader,
    Member,
    is_sound,
    plain_entry,
    stated_size,
)
from bot.image.packages.detectors import Probe, Probes, packages_in
from bot.model.files import WHITEOUT, Entry, Identity, is_whiteout

# Bounds for hostile layers, far above what real images hold (the largest seen: 400,000 entries).
_MAX_ENTRIES = 1_000_000
_MAX_NAMES = 200_000_000
_PLAIN_NAMES = 200  # bytes that a plain header has for its path and its link


def scan_layer(stream: BinaryIO, gauge: Gauge | None = None, diff_id: str = "") -> LayerIndex:
    """The index of an uncompressed layer tar; Unreadable if it is none or breaks the bounds.

    Where its `diff_id` is known for certain, its bytes are not digested.
    """
    with Tap(stream, gauge, "" if diff_id else "sha256") as tap:
        scanner = _Scanner(tap)
        try:
            scanner.read()
        except (EOFError, OSError) as problem:
            raise Unreadable(f"a layer ends before its time: {problem}") from problem
        tap.drain()
        return scanner.index(diff_id or tap.digest, gauge.total() if gauge else None)


class _Scanner:
    """Reads the entries of a layer, and what of their contents is wanted."""

    def __init__(self, tap: Tap) -> None:
        self._feed, self._headers = Feed(tap), HeaderReader()
        self._entries, self._probes, self._samples = EntryList(), Probes(), Samples()

    def read(self) -> None:
        """All entries."""
        while True:
            self._read_plain()
            found = self._headers.next(self._feed.take)
            if found is None:
                return
            self._add(found)

    def index(self, diff_id: str, gauged_bytes: int | None) -> LayerIndex:
        """What there was to read."""
        entries = self._entries.done()
        return index_layer(
            diff_id,
            entries,
            Identity.XXH3,
            packages_in(entries, self._probes),
            shares=self._samples.shares(),
            gauged_bytes=gauged_bytes,
        )

    def _read_plain(self) -> None:
        """Entries of one plain header, nearly all there are, as long as they lie in what was read."""
        if self._headers.extended:
            return
        data, at, found = self._feed.data, self._feed.at, list[Entry]()
        view, ends = memoryview(data), len(data)
        while ends - at >= BLOCK:
            start = at + BLOCK
            header = data[at:start]
            stored = stated_size(header)
            end = start + stored
            if end > ends:
                break
            entry = plain_entry(header, 0, stored, "")
            if entry is None or not is_sound(header):
                break
            if stored:
                entry = self._with_content(entry, view[start:end])
            found.append(entry)
            at = end + -stored % BLOCK
        self._feed.at = min(at, ends)
        self._entries.extend(found)
        self._feed.skip(at - self._feed.at)

    def _with_content(self, entry: Entry, content: memoryview) -> Entry:
        """An entry with the identity of its content; who wants to see that does."""
        path, kind, size, mode, uid, gid, link, _ = entry
        stored = len(content)
        probe = self._probes.ask(path, stored, mode)
        if probe:
            probe.feed(bytes(content))
        if self._samples.wants(path, stored, mode):
            self._samples.look(path, stored, bytes(content[:SAMPLE]))
        identity = xxh3_128_hexdigest(content) if size else ""
        return Entry(path, kind, size, mode, uid, gid, link, identity)

    def _add(self, found: Member) -> None:
        """Any entry, its content as it comes."""
        path, size, mode = found.path, found.stored, found.mode
        probe = self._probes.ask(path, size, mode) if size else None
        if size and self._samples.wants(path, size, mode):
            self._samples.look(path, size, self._feed.peek()[:size])
        self._entries.add(found, _digest(self._feed, size, probe))


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
    """Bytes in pieces of any size, out of a stream that gives them in large ones.

    `data` is what was read last, `at` how much of that was taken.
    """

    def __init__(self, source: Tap) -> None:
        """At the beginning of the source."""
        self._source = source
        self.data, self.at = b"", 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes, none at the end; Unreadable if the stream ends amid them."""
        start, end = self.at, self.at + size
        if end <= len(self.data):
            self.at = end
            return self.data[start:end]
        taken = b"".join(self.pieces(size, strict=False))
        if taken and len(taken) < size:
            raise Unreadable("a layer's tar is cut short")
        return taken

    def peek(self) -> bytes:
        """Some of the bytes that come next, which stay to be read."""
        if len(self.data) - self.at < SAMPLE:
            self.data, self.at = self.data[self.at :] + self._source.read(SAMPLE), 0
        return self.data[self.at : self.at + SAMPLE]

    def pieces(self, size: int, *, strict: bool = True) -> Iterator[memoryview]:
        """The next `size` bytes as they come."""
        while size:
            if self.at == len(self.data):
                self.data, self.at = self._source.read(CHUNK), 0
                if not self.data:
                    if strict:
                        raise Unreadable("a layer's tar is cut short")
                    return
            piece = memoryview(self.data)[self.at : self.at + size]
            self.at += len(piece)
            size -= len(piece)
            yield piece

    def skip(self, size: int) -> None:
        """Passes over bytes; those behind the end are not missed."""
        for _ in self.pieces(size, strict=False):
            pass


def _digest(feed: Feed, size: int, probe: Probe | None) -> str:
    """The identity of a file's content, of which `size` bytes follow; a probe sees them go by."""
    if not size:
        return ""
    digest = xxh3_128()
    for piece in feed.pieces(size):
        digest.update(piece)
        if probe:
            probe.feed(bytes(piece))
    feed.skip(-size % BLOCK)
    return digest.hexdigest()
