"""What a registry would store for a layer whose blob is not at hand: what Go's gzip makes of it.

Two ways. `guess` goes by the kinds of its files: each has a usual share that gzip leaves of it, taken
from layers of Debian, Go and Node images, where it came within 10 % for whole layers. What no name
tells of is sampled (`Samples`): large files each by itself, small ones as many as are of one ending or
folder; what is left unsampled makes the stated error larger. `GzipGauge` reads the content: zlib-ng at
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
GUESS_ERROR = 0.25
GAUGE_ERROR = 0.02

SAMPLE = 64 << 10  # bytes from the beginning of a file
_LARGE = 256 << 10  # a file of its own
_GIANT = 8 << 20  # a text that may be anything
_GROUP = 64 << 10  # small files together, from which on one of them is looked into
_MAX_SAMPLES = 100  # of one layer

_BLOCK = 128 * 1024
_EVERY = 16

_HEADER = (
    75  # what an entry's header, its padding and its share of its directory deflate to, in bytes
)
_CODE, _ARCHIVED, _PLAIN, _OTHER = 0.39, 0.98, 0.24, 0.33
_SHARES = {
    suffix: share
    for share, suffixes in {
        0.15: "h hh hpp hxx tcc inc list po pot rst map",
        0.20: "go c cc cpp cxx s asm pl pod html htm xml svg md5sums",
        _PLAIN: "py pyi js cjs mjs ts tsx jsx css scss json md txt rb php java kt scala sh pm lua sql "
        "yml yaml toml ini conf cfg csv log tcl vim el erl ex exs properties",
        0.30: "a la o rlib lib mo",
        _CODE: "so node dll exe pyd dylib elf syso class beam wasm",
        0.48: "pyc pyo crt pem base64",
        _ARCHIVED: "gz tgz xz zst bz2 zip jar war ear whl gem deb rpm apk egg nupkg br lz4 7z png jpg "
        "jpeg gif webp ico woff woff2 mp3 mp4 webm ogg pdf gpg safetensors pack",
    }.items()
    for suffix in suffixes.split()
}


def guess(entries: Iterable[Entry], shares: Mapping[str, float]) -> tuple[int, float]:
    """The size in bytes of a layer's gzip blob, and how far that may be off as a share of it.

    It goes by the names and sizes of the files, and by what `Samples` found of those that it looked
    into.
    """
    total, error, usual = 1.0, 0.0, _SHARES.get
    for entry in entries:
        total += _HEADER
        size = entry.size
        if size:
            share = usual(entry.path.rpartition(".")[2])
            if share is None or shares:
                share, told = _share(entry, shares)
                if not told:
                    error += size * (1 - share * (1 + GUESS_ERROR))
            total += size * share
    return round(total), GUESS_ERROR + error / total


def _share(entry: Entry, shares: Mapping[str, float]) -> tuple[float, bool]:
    """What gzip leaves of a file, and whether anything tells."""
    sampled = shares.get(entry.path)
    if sampled is None:
        sampled = _usual_share(entry.path, entry.size, entry.mode)
    if sampled is None:
        sampled = shares.get(_group(entry.path))
    if sampled is None:
        return (_OTHER if "." in entry.path.rpartition("/")[2] else _PLAIN), False
    return sampled, True


class Samples:
    """Looks into those files of a layer whose names do not tell how well they compress."""

    def __init__(self, worth: int = 0) -> None:
        """Files that come to less than `worth` bytes are let go."""
        self._worth = max(worth, _GROUP)
        self._seen: Counter[str] = Counter()
        self._next: dict[str, int] = {}
        self._left = _MAX_SAMPLES
        self._shares: dict[str, list[float]] = {}

    def wants(self, path: str, size: int, mode: int) -> bool:
        """Whether to look into the next file: any that is large, and of the smaller ones of a kind
        the first, and more as they come to twice as much. Of giant texts, too, no name tells enough.
        """
        if not self._left:
            return False
        usual = _usual_share(path, size, mode)
        if usual is not None:
            return size >= max(_GIANT, self._worth) and usual <= _PLAIN
        if size >= _LARGE:
            return size >= self._worth
        group = _group(path)
        self._seen[group] += size
        return self._seen[group] >= self._next.get(group, self._worth)

    def look(self, path: str, size: int, sample: bytes) -> None:
        """The beginning of a file that was wanted, SAMPLE bytes if it has as many."""
        self._left -= 1
        group = _group(path)
        if size < _LARGE:
            self._next[group] = 2 * self._seen[group]
        name = path if size >= _LARGE else group
        self._shares.setdefault(name, []).append(len(zlib_ng.compress(sample, 6)) / len(sample))

    def shares(self) -> Mapping[str, float]:
        """What gzip leaves of them, by path or by group."""
        return {name: sum(found) / len(found) for name, found in self._shares.items()}


def _group(path: str) -> str:
    """What files of no known kind have in common: their ending, or where they lie if they have none.
    It is no path."""
    folder, _, name = path.rpartition("/")
    stem, _, ending = name.rpartition(".")
    return f"/*.{ending}" if stem else "/" + "/".join(folder.split("/", 3)[:3])


def _usual_share(path: str, size: int, mode: int) -> float | None:
    """What gzip usually leaves of files of such a name; None if nothing is known of it."""
    name = path.rpartition("/")[2]
    stem, _, ending = name.rpartition(".")
    if stem and (known := _SHARES.get(ending.lower())) is not None:
        return known
    return _CODE if ".so." in name or (mode & 0o111 and size > 8192 and not stem) else None


class GzipGauge:
    """Watches an uncompressed layer go by and estimates the size of its gzip blob in bytes."""

    def __init__(self) -> None:
        """Starts at the beginning of a layer."""
        self._fast = isal_zlib.compressobj(level=1)
        self._fast_bytes = self._sampled_fast = self._sampled_slow = 0
        self._pending = bytearray()
        self._blocks = 0

    def feed(self, data: bytes) -> None:
        """The next bytes of the layer, in pieces of any size."""
        self._fast_bytes += len(self._fast.compress(data))
        self._pending += data
        while len(self._pending) >= _BLOCK:
            self._sample(bytes(self._pending[:_BLOCK]))
            del self._pending[:_BLOCK]

    def total(self) -> int:
        """The estimate, once everything was fed."""
        self._fast_bytes += len(self._fast.flush())
        if self._pending:
            self._sample(bytes(self._pending))
        if not self._sampled_fast:
            return self._fast_bytes
        return round(self._fast_bytes * self._sampled_slow / self._sampled_fast)

    def _sample(self, block: bytes) -> None:
        if self._blocks % _EVERY == 0:
            self._sampled_fast += len(isal_zlib.compress(block, 1))
            self._sampled_slow += len(zlib_ng.compress(block, 6))
        self._blocks += 1
