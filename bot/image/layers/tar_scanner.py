"""Reads one layer's tar from a stream and keeps its index; nothing is ever unpacked to disk."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from xxhash import xxh3_128, xxh3_128_hexdigest

from bot.image.layers.gzip_estimate import SAMPLE_BYTES, GzipSamples
from bot.image.layers.layer_index import LayerIndex, index_layer
from bot.image.layers.streams import CHUNK_BYTES, DigestingReader, SizeEstimator, Unreadable
from bot.image.layers.tar_headers import (
    BLOCK_BYTES,
    HeaderReader,
    TarMember,
    has_valid_checksum,
    parse_plain_entry,
    parse_size,
)
from bot.image.packages.detectors import LayerProbes, Probe, read_packages
from bot.model.files import WHITEOUT_PREFIX, Entry, HashAlgorithm, is_whiteout

# Bounds for hostile layers, far above what real images hold (the largest seen: 400,000 entries).
_MAX_ENTRIES = 1_000_000
_MAX_TOTAL_NAME_LENGTH = 200_000_000
_PLAIN_NAME_LENGTH = 200  # bytes that a plain header has for its path and its link


def scan_layer(
    stream: BinaryIO, estimator: SizeEstimator | None = None, diff_id: str = ""
) -> LayerIndex:
    """The index of an uncompressed layer tar; Unreadable if it is none or breaks the bounds.

    Where its `diff_id` is known for certain, its bytes are not digested.
    """
    with DigestingReader(stream, estimator, "" if diff_id else "sha256") as tap:
        scanner = _LayerScanner(tap)
        try:
            scanner.read_entries()
        except (EOFError, OSError) as problem:
            raise Unreadable(f"a layer ends before its time: {problem}") from problem
        tap.drain()
        return scanner.build_index(
            diff_id or tap.digest, estimator.estimate_size() if estimator else None
        )


class _LayerScanner:
    """Reads the entries of a layer, and what of their contents is wanted."""

    def __init__(self, reader: DigestingReader) -> None:
        self._reader, self._headers = BufferedTarReader(reader), HeaderReader()
        self._entries, self._probes, self._samples = EntryList(), LayerProbes(), GzipSamples()

    def read_entries(self) -> None:
        """All entries."""
        while True:
            self._read_plain_entries()
            found = self._headers.read_member(self._reader.read_bytes)
            if found is None:
                return
            self._add_member(found)

    def build_index(self, diff_id: str, measured_gzip_bytes: int | None) -> LayerIndex:
        """What there was to read."""
        entries = self._entries.to_tuple()
        return index_layer(
            diff_id,
            entries,
            HashAlgorithm.XXH3,
            read_packages(entries, self._probes),
            ratios=self._samples.compute_ratios(),
            measured_gzip_bytes=measured_gzip_bytes,
        )

    def _read_plain_entries(self) -> None:
        """Entries of one plain header, nearly all there are, as long as they lie in what was read."""
        if self._headers.has_global_header:
            return
        data, at, found = self._reader.data, self._reader.offset, list[Entry]()
        view, ends = memoryview(data), len(data)
        while ends - at >= BLOCK_BYTES:
            start = at + BLOCK_BYTES
            header = data[at:start]
            stored = parse_size(header)
            end = start + stored
            if end > ends:
                break
            entry = parse_plain_entry(header, 0, stored, "")
            if entry is None or not has_valid_checksum(header):
                break
            if stored:
                entry = self._with_content_hash(entry, view[start:end])
            found.append(entry)
            at = end + -stored % BLOCK_BYTES
        self._reader.offset = min(at, ends)
        self._entries.extend(found)
        self._reader.skip(at - self._reader.offset)

    def _with_content_hash(self, entry: Entry, content: memoryview) -> Entry:
        """An entry with the identity of its content; who wants to see that does."""
        path, kind, size, mode, uid, gid, link, _ = entry
        stored = len(content)
        probe = self._probes.add_probe(path, stored, mode)
        if probe:
            probe.feed(bytes(content))
        if self._samples.is_sample_needed(path, stored, mode):
            self._samples.add_sample(path, stored, bytes(content[:SAMPLE_BYTES]))
        identity = xxh3_128_hexdigest(content) if size else ""
        return Entry(path, kind, size, mode, uid, gid, link, identity)

    def _add_member(self, member: TarMember) -> None:
        """Any entry, its content as it comes."""
        path, size, mode = member.path, member.stored_bytes, member.mode
        probe = self._probes.add_probe(path, size, mode) if size else None
        if size and self._samples.is_sample_needed(path, size, mode):
            self._samples.add_sample(path, size, self._reader.peek()[:size])
        self._entries.add(member, _hash_content(self._reader, size, probe))


class EntryList:
    """The entries of a layer, within bounds."""

    def __init__(self) -> None:
        """Empty."""
        self._entries: list[Entry] = []
        self._total_name_length = 0

    def add(self, member: TarMember, content_hash: str) -> None:
        """One more; Unreadable if that is more than any real image holds."""
        path, kind, size, _, mode, uid, gid, link = member
        if WHITEOUT_PREFIX in path and is_whiteout(path):
            size, content_hash = 0, ""
        self._entries.append(Entry(path, kind, size, mode, uid, gid, link, content_hash))
        self._total_name_length += len(path) + len(link)
        self._check_bounds()

    def extend(self, entries: Sequence[Entry]) -> None:
        """Many more at once, none of which has more than a plain header holds."""
        self._entries.extend(entries)
        self._total_name_length += _PLAIN_NAME_LENGTH * len(entries)
        self._check_bounds()

    def to_tuple(self) -> tuple[Entry, ...]:
        """All of them, in the order of the tar."""
        return tuple(self._entries)

    def _check_bounds(self) -> None:
        if len(self._entries) > _MAX_ENTRIES or self._total_name_length > _MAX_TOTAL_NAME_LENGTH:
            raise Unreadable("a layer holds more entries, or longer names, than any real image")


class BufferedTarReader:
    """Bytes in pieces of any size, out of a stream that gives them in large ones.

    `data` is what was read last, `at` how much of that was taken.
    """

    def __init__(self, source: DigestingReader) -> None:
        """At the beginning of the source."""
        self._source = source
        self.data, self.offset = b"", 0

    def read_bytes(self, size: int) -> bytes:
        """The next `size` bytes, none at the end; Unreadable if the stream ends amid them."""
        start, end = self.offset, self.offset + size
        if end <= len(self.data):
            self.offset = end
            return self.data[start:end]
        taken = b"".join(self.read_chunks(size, strict=False))
        if taken and len(taken) < size:
            raise Unreadable("a layer's tar is cut short")
        return taken

    def peek(self) -> bytes:
        """Some of the bytes that come next, which stay to be read."""
        if len(self.data) - self.offset < SAMPLE_BYTES:
            self.data, self.offset = self.data[self.offset :] + self._source.read(SAMPLE_BYTES), 0
        return self.data[self.offset : self.offset + SAMPLE_BYTES]

    def read_chunks(self, size: int, *, strict: bool = True) -> Iterator[memoryview]:
        """The next `size` bytes as they come."""
        while size:
            if self.offset == len(self.data):
                self.data, self.offset = self._source.read(CHUNK_BYTES), 0
                if not self.data:
                    if strict:
                        raise Unreadable("a layer's tar is cut short")
                    return
            piece = memoryview(self.data)[self.offset : self.offset + size]
            self.offset += len(piece)
            size -= len(piece)
            yield piece

    def skip(self, size: int) -> None:
        """Passes over bytes; those behind the end are not missed."""
        for _ in self.read_chunks(size, strict=False):
            pass


def _hash_content(reader: BufferedTarReader, size: int, probe: Probe | None) -> str:
    """The identity of a file's content, of which `size` bytes follow; a probe sees them go by."""
    if not size:
        return ""
    digest = xxh3_128()
    for piece in reader.read_chunks(size):
        digest.update(piece)
        if probe:
            probe.feed(bytes(piece))
    reader.skip(-size % BLOCK_BYTES)
    return digest.hexdigest()
