"""The index of a layer: all that is ever asked of its tar, without the tar."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.image.layers.gzip_estimate import CONTENT_ESTIMATE_ERROR, estimate_gzip_size
from bot.image.packages.package import Package
from bot.model.files import WHITEOUT_PREFIX, Entry, EntryKind, HashAlgorithm, is_whiteout


@dataclass(frozen=True, slots=True)
class LayerIndex:
    """A layer's entries in the order of its tar, and the packages that its own files tell of.

    `unpacked_bytes` are the sizes of its regular files and `files` their number, whiteouts not
    counted. `content_id` is equal for two layers of one identity that hold the same entries with the
    same contents, whatever their times and order. `deflated_bytes` estimates the size of its gzip
    blob, within `deflated_error` as a share of it: from its contents where it was `gauged`, else from
    the kinds of its files.
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


def index_layer(
    diff_id: str,
    entries: Sequence[Entry],
    hash_algorithm: HashAlgorithm,
    packages: tuple[Package, ...] = (),
    *,
    ratios: Mapping[str, float] | None = None,
    measured_gzip_bytes: int | None = None,
) -> LayerIndex:
    """The index of a layer with these entries; `shares` as `guess` has them."""
    if measured_gzip_bytes is None:
        deflated, error = estimate_gzip_size(entries, ratios or {})
    else:
        deflated, error = measured_gzip_bytes, CONTENT_ESTIMATE_ERROR
    return LayerIndex(
        diff_id,
        entries,
        hash_algorithm,
        content_id=_compute_content_id(entries, hash_algorithm),
        unpacked_bytes=sum([entry.size for entry in entries]),
        file_count=sum(
            [
                e.kind is EntryKind.FILE and not (WHITEOUT_PREFIX in e.path and is_whiteout(e.path))
                for e in entries
            ]
        ),
        gzip_bytes=deflated,
        gzip_error=error,
        measured_compression=measured_gzip_bytes is not None,
        packages=packages,
    )


def _compute_content_id(entries: Sequence[Entry], hash_algorithm: HashAlgorithm) -> str:
    """A digest of all entries, whatever their order; column by column, which is the quickest."""
    digest = hashlib.sha256(b"%d" % len(entries))
    for column in zip(*sorted(entries), strict=True):
        digest.update(_join_column(column).encode("utf-8", "surrogateescape") + b"\0\0")
    return f"{hash_algorithm}:{digest.hexdigest()}"


def _join_column(column: tuple[str, ...] | tuple[int, ...]) -> str:
    """No text of an entry holds a zero, since it is read up to the first."""
    return "\0".join(column) if isinstance(column[0], str) else repr(column)
