"""What a registry would store for a layer whose blob is not at hand: what Go's gzip makes of it.

Two ways. `guess` goes by the kinds of its files: each has a usual share that gzip leaves of it, taken
from layers of Debian, Go and Node images, where it came within 10 % for whole layers. What no name
tells of is sampled (`GzipSamples`): large files each by itself, small ones as many as are of one ending or
folder; what is left unsampled makes the stated error larger. `GzipSizeEstimator` reads the content: zlib-ng at
level 6 comes within 0.6 % of Go's gzip but takes as long as all the rest, so igzip at level 1 reads
everything and zlib-ng one block in sixteen; the ratio of the two over those blocks scales the fast
figure. On 2.4 GB of layers that came within 0.26 % for 95 % of the totals and within 1.2 % for a single
layer.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from isal import isal_zlib
from zlib_ng import zlib_ng

from bot.model.files import Entry

# How far an estimate may be off.
FILE_TYPE_ESTIMATE_ERROR = 0.25
CONTENT_ESTIMATE_ERROR = 0.02

SAMPLE_BYTES = 64 << 10  # bytes from the beginning of a file
_LARGE_FILE_BYTES = 256 << 10  # a file of its own
_GIANT_TEXT_BYTES = 8 << 20  # a text that may be anything
_MIN_GROUP_BYTES = 64 << 10  # small files together, from which on one of them is looked into
_MAX_SAMPLES = 100  # of one layer

_BLOCK_BYTES = 128 * 1024
_BLOCKS_PER_SAMPLE = 16

_HEADER_GZIP_BYTES = (
    75  # what an entry's header, its padding and its share of its directory deflate to, in bytes
)
_CODE_RATIO, _ARCHIVE_RATIO, _TEXT_RATIO, _OTHER_RATIO = 0.39, 0.98, 0.24, 0.33
_GZIP_RATIOS = {
    suffix: share
    for share, suffixes in {
        0.15: "h hh hpp hxx tcc inc list po pot rst map",
        0.20: "go c cc cpp cxx s asm pl pod html htm xml svg md5sums",
        _TEXT_RATIO: "py pyi js cjs mjs ts tsx jsx css scss json md txt rb php java kt scala sh pm lua sql "
        "yml yaml toml ini conf cfg csv log tcl vim el erl ex exs properties",
        0.30: "a la o rlib lib mo",
        _CODE_RATIO: "so node dll exe pyd dylib elf syso class beam wasm",
        0.48: "pyc pyo crt pem base64",
        _ARCHIVE_RATIO: "gz tgz xz zst bz2 zip jar war ear whl gem deb rpm apk egg nupkg br lz4 7z png jpg "
        "jpeg gif webp ico woff woff2 mp3 mp4 webm ogg pdf gpg safetensors pack",
    }.items()
    for suffix in suffixes.split()
}


def estimate_gzip_size(entries: Iterable[Entry], ratios: Mapping[str, float]) -> tuple[int, float]:
    """The size in bytes of a layer's gzip blob, and how far that may be off as a share of it.

    It goes by the names and sizes of the files, and by what `GzipSamples` found of those that it looked
    into.
    """
    total, error, usual = 1.0, 0.0, _GZIP_RATIOS.get
    for entry in entries:
        total += _HEADER_GZIP_BYTES
        size = entry.size
        if size:
            share = usual(entry.path.rpartition(".")[2])
            if share is None or ratios:
                share, told = _get_ratio(entry, ratios)
                if not told:
                    error += size * (1 - share * (1 + FILE_TYPE_ESTIMATE_ERROR))
            total += size * share
    return round(total), FILE_TYPE_ESTIMATE_ERROR + error / total


def _get_ratio(entry: Entry, ratios: Mapping[str, float]) -> tuple[float, bool]:
    """What gzip leaves of a file, and whether anything tells."""
    sampled = ratios.get(entry.path)
    if sampled is None:
        sampled = _get_typical_ratio(entry.path, entry.size, entry.mode)
    if sampled is None:
        sampled = ratios.get(_make_group_key(entry.path))
    if sampled is None:
        return (_OTHER_RATIO if "." in entry.path.rpartition("/")[2] else _TEXT_RATIO), False
    return sampled, True


class GzipSamples:
    """Looks into those files of a layer whose names do not tell how well they compress."""

    def __init__(self, min_bytes: int = 0) -> None:
        """Files that come to less than `worth` bytes are let go."""
        self._min_bytes = max(min_bytes, _MIN_GROUP_BYTES)
        self._group_bytes: Counter[str] = Counter()
        self._next_sample_bytes: dict[str, int] = {}
        self._remaining_samples = _MAX_SAMPLES
        self._ratios: dict[str, list[float]] = {}

    def is_sample_needed(self, path: str, size: int, mode: int) -> bool:
        """Whether to look into the next file: any that is large, and of the smaller ones of a kind
        the first, and more as they come to twice as much. Of giant texts, too, no name tells enough.
        """
        if not self._remaining_samples:
            return False
        usual = _get_typical_ratio(path, size, mode)
        if usual is not None:
            return size >= max(_GIANT_TEXT_BYTES, self._min_bytes) and usual <= _TEXT_RATIO
        if size >= _LARGE_FILE_BYTES:
            return size >= self._min_bytes
        group = _make_group_key(path)
        self._group_bytes[group] += size
        return self._group_bytes[group] >= self._next_sample_bytes.get(group, self._min_bytes)

    def add_sample(self, path: str, size: int, sample: bytes) -> None:
        """The beginning of a file that was wanted, SAMPLE bytes if it has as many."""
        self._remaining_samples -= 1
        group = _make_group_key(path)
        if size < _LARGE_FILE_BYTES:
            self._next_sample_bytes[group] = 2 * self._group_bytes[group]
        name = path if size >= _LARGE_FILE_BYTES else group
        self._ratios.setdefault(name, []).append(len(zlib_ng.compress(sample, 6)) / len(sample))

    def compute_ratios(self) -> Mapping[str, float]:
        """What gzip leaves of them, by path or by group."""
        return {name: sum(found) / len(found) for name, found in self._ratios.items()}


def _make_group_key(path: str) -> str:
    """What files of no known kind have in common: their ending, or where they lie if they have none.
    It is no path."""
    folder, _, name = path.rpartition("/")
    stem, _, ending = name.rpartition(".")
    return f"/*.{ending}" if stem else "/" + "/".join(folder.split("/", 3)[:3])


def _get_typical_ratio(path: str, size: int, mode: int) -> float | None:
    """What gzip usually leaves of files of such a name; None if nothing is known of it."""
    name = path.rpartition("/")[2]
    stem, _, ending = name.rpartition(".")
    if stem and (known := _GZIP_RATIOS.get(ending.lower())) is not None:
        return known
    return _CODE_RATIO if ".so." in name or (mode & 0o111 and size > 8192 and not stem) else None


class GzipSizeEstimator:
    """Watches an uncompressed layer go by and estimates the size of its gzip blob in bytes."""

    def __init__(self) -> None:
        """Starts at the beginning of a layer."""
        self._fast_compressor = isal_zlib.compressobj(level=1)
        self._fast_bytes = self._sampled_fast_bytes = self._sampled_slow_bytes = 0
        self._pending = bytearray()
        self._block_count = 0

    def feed(self, data: bytes) -> None:
        """The next bytes of the layer, in pieces of any size."""
        self._fast_bytes += len(self._fast_compressor.compress(data))
        self._pending += data
        while len(self._pending) >= _BLOCK_BYTES:
            self._sample_block(bytes(self._pending[:_BLOCK_BYTES]))
            del self._pending[:_BLOCK_BYTES]

    def estimate_size(self) -> int:
        """The estimate, once everything was fed."""
        self._fast_bytes += len(self._fast_compressor.flush())
        if self._pending:
            self._sample_block(bytes(self._pending))
        if not self._sampled_fast_bytes:
            return self._fast_bytes
        return round(self._fast_bytes * self._sampled_slow_bytes / self._sampled_fast_bytes)

    def _sample_block(self, block: bytes) -> None:
        if self._block_count % _BLOCKS_PER_SAMPLE == 0:
            self._sampled_fast_bytes += len(isal_zlib.compress(block, 1))
            self._sampled_slow_bytes += len(zlib_ng.compress(block, 6))
        self._block_count += 1
