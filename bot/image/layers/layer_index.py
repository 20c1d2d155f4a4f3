"""The index of a layer: everything that the program needs of its tar, without the tar."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import itemgetter
from typing import Any

from bot.image.layers.gzip_estimate import estimate_gzip_size
from bot.image.packages.package import Package
from bot.model.files import WHITEOUT_PREFIX, Entry, EntryKind, HashAlgorithm, is_whiteout

_JOINED_TEXTS = 4096


@dataclass(frozen=True, slots=True)
class LayerIndex:
    """A layer's entries in the order of its tar, and the packages that its own files name.

    `unpacked_bytes` is the size of its regular files and `file_count` their number, without
    whiteouts. `content_id` is equal for two layers with the same entries and contents, whatever
    their times and order, as long as they share the `hash_algorithm`. `gzip_bytes` estimates the
    size of its gzip blob, and may be off by the share `gzip_error`: it comes from the contents with
    `measured_compression`, else from the kinds of the files.
    """

    diff_id: str
    entries: Sequence[Entry]
    hash_algorithm: HashAlgorithm
    content_id: str
    unpacked_bytes: int
    file_count: int
    gzip_bytes: int
    gzip_error: float
    measured_compression: bool = False
    packages: tuple[Package, ...] = ()

    def __reduce__(self) -> tuple[Callable[..., "LayerIndex"], tuple[Any, ...]]:
        """Pickle the entries as columns, which takes half of the time, and less memory to load."""
        columns = tuple(zip(*self.entries, strict=True))
        others = {x.name: getattr(self, x.name) for x in fields(self) if x.name != "entries"}
        return _restore_index, (columns, others)


def _restore_index(columns: Sequence[Sequence[Any]], others: Mapping[str, Any]) -> LayerIndex:
    entries = tuple(map(Entry._make, zip(*columns, strict=True)))
    return LayerIndex(entries=entries, **others)


def index_layer(
    diff_id: str,
    entries: Sequence[Entry],
    hash_algorithm: HashAlgorithm,
    packages: tuple[Package, ...] = (),
    *,
    ratios: Mapping[str, float] | None = None,
    measured_gzip: tuple[int, float] | None = None,
) -> LayerIndex:
    """Create the index of a layer; `ratios` are those of `estimate_gzip_size`.

    `measured_gzip` is what `GzipSizeEstimator` has estimated of the contents.
    """
    gzip_bytes, gzip_error = measured_gzip or estimate_gzip_size(entries, ratios or {})
    return LayerIndex(
        diff_id,
        entries,
        hash_algorithm,
        content_id=_compute_content_id(entries, hash_algorithm),
        unpacked_bytes=sum([entry.size for entry in entries]),
        file_count=sum(
            [
                entry.kind is EntryKind.FILE
                and not (WHITEOUT_PREFIX in entry.path and is_whiteout(entry.path))
                for entry in entries
            ]
        ),
        gzip_bytes=gzip_bytes,
        gzip_error=gzip_error,
        measured_compression=measured_gzip is not None,
        packages=packages,
    )


def _compute_content_id(entries: Sequence[Entry], hash_algorithm: HashAlgorithm) -> str:
    """Return a digest of all entries in sorted order, hashed column by column for speed."""
    digest = hashlib.sha256(b"%d" % len(entries))
    # Sorted, since two builds may write the same files in another order.
    ordered = sorted(entries)
    # One column after another: all of them together take a third of the memory of the entries.
    for position in range(len(Entry._fields) if ordered else 0):
        column = tuple(map(itemgetter(position), ordered))
        for text in _join_column(column):
            digest.update(text.encode("utf-8", "surrogateescape"))
        digest.update(b"\0\0")
    return f"{hash_algorithm}:{digest.hexdigest()}"


def _join_column(column: tuple[str, ...] | tuple[int, ...]) -> Iterator[str]:
    """Join a column; no text of an entry contains the NUL, since headers end texts with it."""
    if not isinstance(column[0], str):
        yield repr(column)
        return
    for start in range(0, len(column), _JOINED_TEXTS):
        # The texts of a large layer joined at once take as much memory as its paths.
        yield ("\0" if start else "") + "\0".join(column[start : start + _JOINED_TEXTS])
