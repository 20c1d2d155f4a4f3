"""The index of a layer: all that is ever asked of its tar, without the tar."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.entries import Entry, Identity, Kind
from bot.image.estimate import guess
from bot.image.packages.package import Package

WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"


@dataclass(frozen=True, slots=True)
class LayerIndex:
    """A layer's entries in the order of its tar, and the packages that its own files tell of.

    `unpacked_bytes` are the sizes of its regular files and `files` their number, whiteouts not
    counted. `content_id` is equal for two layers of one identity that hold the same entries with the
    same contents, whatever their times and order. `deflated_bytes` estimates the size of its gzip
    blob: from its contents where it was `gauged`, else from the kinds of its files.
    """

    diff_id: str
    entries: Sequence[Entry]
    identity: Identity
    content_id: str
    unpacked_bytes: int
    files: int
    deflated_bytes: int
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
    listed = json.dumps(sorted(entries)).encode()
    return LayerIndex(
        diff_id,
        entries,
        identity,
        content_id=f"{identity}:{hashlib.sha256(listed).hexdigest()}",
        unpacked_bytes=sum(entry.size for entry in entries),
        files=sum(
            e.kind is Kind.FILE and not (WHITEOUT in e.path and is_whiteout(e.path))
            for e in entries
        ),
        deflated_bytes=guess(entries, shares or {}) if gauged_bytes is None else gauged_bytes,
        gauged=gauged_bytes is not None,
        packages=packages,
    )


def is_whiteout(path: str) -> bool:
    """Whether a path marks a deletion instead of standing for a file."""
    return path.rpartition("/")[2].startswith(WHITEOUT)
