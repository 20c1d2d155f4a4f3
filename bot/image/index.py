"""The index of a layer: all that is ever asked of its tar, without the tar."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.entries import Entry, Identity, Kind
from bot.image.packages.package import Package

WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"


@dataclass(frozen=True, slots=True)
class LayerIndex:
    """A layer's entries in the order of its tar, and the packages that its own files tell of.

    `deflated_bytes` estimates the size of its gzip blob, None where that was not asked for.
    """

    diff_id: str
    entries: Sequence[Entry]
    identity: Identity = Identity.SHA256
    packages: tuple[Package, ...] = ()
    deflated_bytes: int | None = None

    @property
    def unpacked_bytes(self) -> int:
        """The sizes of its regular files."""
        return sum(entry.size for entry in self.entries)

    @property
    def files(self) -> int:
        """How many regular files it has, whiteouts not counted."""
        return sum(e.kind is Kind.FILE and not is_whiteout(e.path) for e in self.entries)

    @property
    def content_id(self) -> str:
        """Equal for two layers of one identity that hold the same entries with the same contents,
        whatever their times and order."""
        digest = hashlib.sha256()
        for entry in sorted(self.entries):
            digest.update(repr(entry).encode(errors="surrogateescape"))
        return f"{self.identity}:{digest.hexdigest()}"


def is_whiteout(path: str) -> bool:
    """Whether a path marks a deletion instead of standing for a file."""
    return path.rpartition("/")[2].startswith(WHITEOUT)
