"""The scan of a layer's tar from a stream to its index; nothing is ever unpacked to disk."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from xxhash import xxh3_128, xxh3_128_hexdigest

from bot.image.layers.extended_headers import HeaderReader
from bot.image.layers.gzip_estimate import SAMPLE_BYTES, GzipSamples
from bot.image.layers.layer_index import LayerIndex, index_layer
from bot.image.layers.streams import CHUNK_BYTES, DigestingReader, SizeEstimator, Unreadable
from bot.image.layers.tar_headers import (
    BLOCK_BYTES,
    TarMember,
    has_valid_checksum,
    parse_plain_entry,
    parse_size,
)
from bot.image.packages.detectors import LayerProbes, Probe, read_packages
from bot.model.files import WHITEOUT_PREFIX, Entry, HashAlgorithm, is_whiteout

# Bounds for hostile layers, above what real images hold (the largest seen: 1,100,000 entries). An
# entry takes about 500 bytes of memory until its image is measured.
MAX_ENTRIES = 1_500_000
MAX_TOTAL_NAME_LENGTH = 300_000_000
_PLAIN_NAME_LENGTH = 200  # bytes of the two name fields, path and link, in a plain header


def scan_layer(
    stream: BinaryIO, estimator: SizeEstimator | None = None, diff_id: str = ""
) -> LayerIndex:
    """Return the index of an uncompressed layer tar.

    With a `diff_id` that is known for certain, the bytes are not digested. Raises Unreadable if it
    is no tar or exceeds the bounds.
    """
    with DigestingReader(stream, estimator, "" if diff_id else "sha256") as reader:
        scanner = _LayerScanner(reader)
        try:
            scanner.read_entries()
        except (EOFError, OSError) as error:
            raise Unreadable(f"a layer cannot be read to its end: {error}") from error
        reader.drain()
        return scanner.build_index(
            diff_id or reader.digest, estimator.estimate_size() if estimator else None
        )


class _LayerScanner:
    """A scan of one layer: its entries, and the contents that detectors and samples need."""

    def __init__(self, reader: DigestingReader) -> None:
        self._reader, self._headers = BufferedTarReader(reader), HeaderReader()
        self._entries, self._probes, self._samples = EntryList(), LayerProbes(), GzipSamples()

    def read_entries(self) -> None:
        """Read all entries."""
        while True:
            self._read_plain_entries()
            member = self._headers.read_member(self._reader.read_bytes)
            if member is None:
                return
            self._add_member(member)

    def build_index(self, diff_id: str, measured_gzip: tuple[int, float] | None) -> LayerIndex:
        """Return the index of what was read."""
        entries = self._entries.to_tuple()
        return index_layer(
            diff_id,
            entries,
            HashAlgorithm.XXH3,
            read_packages(entries, self._probes),
            ratios=self._samples.compute_ratios(),
            measured_gzip=measured_gzip,
        )

    def _read_plain_entries(self) -> None:
        """Read entries of one plain header, nearly all, that lie whole in the buffer."""
        # A global PAX header changes the fields that plain headers state.
        if self._headers.has_global_header:
            return
        data, offset, entries = self._reader.data, self._reader.offset, list[Entry]()
        view, data_end = memoryview(data), len(data)
        while data_end - offset >= BLOCK_BYTES:
            start = offset + BLOCK_BYTES
            header = data[offset:start]
            stored = parse_size(header)
            end = start + stored
            # A content that goes on in the next chunk is read by `_add_member`.
            if end > data_end:
                break
            entry = parse_plain_entry(header, 0, stored, "")
            if entry is None or not has_valid_checksum(header):
                break
            if stored:
                entry = self._with_content_hash(entry, view[start:end])
            entries.append(entry)
            offset = end + -stored % BLOCK_BYTES
        self._reader.offset = min(offset, data_end)
        self._entries.extend(entries)
        self._reader.skip(offset - self._reader.offset)

    def _with_content_hash(self, entry: Entry, content: memoryview) -> Entry:
        """Return an entry with its content's hash; feed the probe and sample it needs."""
        path, kind, size, mode, uid, gid, link, _ = entry
        stored_bytes = len(content)
        probe = self._probes.add_probe(path, stored_bytes, mode)
        if probe:
            probe.feed(bytes(content))
        if self._samples.is_sample_needed(path, stored_bytes, mode):
            self._samples.add_sample(path, stored_bytes, bytes(content[:SAMPLE_BYTES]))
        content_hash = xxh3_128_hexdigest(content) if size else ""
        return Entry(path, kind, size, mode, uid, gid, link, content_hash)

    def _add_member(self, member: TarMember) -> None:
        """Add any entry, reading its content in chunks."""
        path, size, mode = member.path, member.stored_bytes, member.mode
        probe = self._probes.add_probe(path, size, mode) if size else None
        if size and self._samples.is_sample_needed(path, size, mode):
            self._samples.add_sample(path, size, self._reader.peek()[:size])
        self._entries.add(member, _hash_content(self._reader, size, probe))


class EntryList:
    """The entries of a layer, within bounds."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._total_name_length = 0

    def add(self, member: TarMember, content_hash: str) -> None:
        """Add an entry; raise Unreadable beyond what real images hold."""
        path, kind, size, _, mode, uid, gid, link = member
        # A whiteout's content is never unpacked, so its size must not count.
        if WHITEOUT_PREFIX in path and is_whiteout(path):
            size, content_hash = 0, ""
        self._entries.append(Entry(path, kind, size, mode, uid, gid, link, content_hash))
        self._total_name_length += len(path) + len(link)
        self._check_bounds()

    def extend(self, entries: Sequence[Entry]) -> None:
        """Add many plain entries, checking the bounds once for all of them."""
        self._entries.extend(entries)
        self._total_name_length += _PLAIN_NAME_LENGTH * len(entries)
        self._check_bounds()

    def to_tuple(self) -> tuple[Entry, ...]:
        """Return all entries in the order of the tar."""
        return tuple(self._entries)

    def _check_bounds(self) -> None:
        if len(self._entries) > MAX_ENTRIES:
            raise Unreadable(f"a layer has more than {MAX_ENTRIES:,} entries, the most it may have")
        if self._total_name_length > MAX_TOTAL_NAME_LENGTH:
            length = f"{MAX_TOTAL_NAME_LENGTH:,} characters"
            raise Unreadable(f"the names in a layer have more than {length}, the most allowed")


class BufferedTarReader:
    """A reader of small pieces out of a stream that is read in large chunks.

    `data` is the last chunk, `offset` how much of it is consumed.
    """

    def __init__(self, source: DigestingReader) -> None:
        self._source = source
        self.data, self.offset = b"", 0

    def read_bytes(self, size: int) -> bytes:
        """Read `size` bytes, none at the end; raise Unreadable if it ends within them."""
        start, end = self.offset, self.offset + size
        if end <= len(self.data):
            self.offset = end
            return self.data[start:end]
        data = b"".join(self.read_chunks(size, strict=False))
        if data and len(data) < size:
            raise Unreadable("a layer's tar is truncated")
        return data

    def peek(self) -> bytes:
        """Return some of the next bytes without consuming them."""
        if len(self.data) - self.offset < SAMPLE_BYTES:
            self.data, self.offset = self.data[self.offset :] + self._source.read(SAMPLE_BYTES), 0
        return self.data[self.offset : self.offset + SAMPLE_BYTES]

    def read_chunks(self, size: int, *, strict: bool = True) -> Iterator[memoryview]:
        """Yield the next `size` bytes as they come."""
        while size:
            if self.offset == len(self.data):
                self.data, self.offset = self._source.read(CHUNK_BYTES), 0
                if not self.data:
                    if strict:
                        raise Unreadable("a layer's tar is truncated")
                    return
            chunk = memoryview(self.data)[self.offset : self.offset + size]
            self.offset += len(chunk)
            size -= len(chunk)
            yield chunk

    def skip(self, size: int) -> None:
        """Skip bytes, also where the stream ends before them."""
        for _ in self.read_chunks(size, strict=False):
            pass


def _hash_content(reader: BufferedTarReader, size: int, probe: Probe | None) -> str:
    """Return the hash of a file's next `size` bytes, and feed them to its probe."""
    if not size:
        return ""
    digest = xxh3_128()
    for chunk in reader.read_chunks(size):
        digest.update(chunk)
        if probe and not probe.is_done:
            probe.feed(bytes(chunk))
    reader.skip(-size % BLOCK_BYTES)
    return digest.hexdigest()
