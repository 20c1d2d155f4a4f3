"""The index of a layer: all that is ever asked of its tar, without the tar."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.image.layers.gzip_estimate import GAUGE_ERROR, guess
from bot.image.packages.package import Package
from bot.model.files import WHITEOUT, Entry, Identity, Kind, is_whiteout


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
    identity: Identity
    content_id: str
    unpacked_bytes: int
    files: int
    deflated_bytes: int
    deflated_error: float
    gauged: bool = False
    packages: tuple[Package, ...] = ()


def index_layer(
    diff_id: str,
    entries: Sequence[Entry],
    identity: Identity,
    packages: tuple[Package, ...] = (),
    *,
    shares: Mapping[str, float] | None = None,
    gauged_bytes: int | None = None,
) -> LayerIndex:
    """The index of a layer with these entries; `shares` as `guess` has them."""
    if gauged_bytes is None:
        deflated, error = guess(entries, shares or {})
    else:
        deflated, error = gauged_bytes, GAUGE_ERROR
    return LayerIndex(
        diff_id,
        entries,
        identity,
        content_id=_content_id(entries, identity),
        unpacked_bytes=sum([entry.size for entry in entries]),
        files=sum(
            [
                e.kind is Kind.FILE and not (WHITEOUT in e.path and is_whiteout(e.path))
                for e in entries
            ]
        ),
        deflated_bytes=deflated,
        deflated_error=error,
        gauged=gauged_bytes is not None,
        packages=packages,
    )


def _content_id(entries: Sequence[Entry], identity: Identity) -> str:
    """A digest of all entries, whatever their order; column by column, which is the quickest."""
    digest = hashlib.sha256(b"%d" % len(entries))
    for column in zip(*sorted(entries), strict=True):
        digest.update(_joined(column).encode("utf-8", "surrogateescape") + b"\0\0")
    return f"{identity}:{digest.hexdigest()}"


def _joined(column: tuple[str, ...] | tuple[int, ...]) -> str:
    """No text of an entry holds a zero, since it is read up to the first."""
    return "\0".join(column) if isinstance(column[0], str) else repr(column)
