"""Reads one layer's tar from a stream and keeps its index; nothing is ever unpacked to disk."""

import hashlib
import posixpath
import tarfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from bot.image.owners import directory_of
from bot.image.streams import CHUNK, Gauge, Tap, Unreadable, forget_members

WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"

# Bounds for hostile layers, far above what real images hold (the largest seen: 400,000 entries).
_MAX_ENTRIES = 5_000_000
_MAX_PATH = 65_536


class Kind(StrEnum):
    """What a tar entry stands for."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    HARDLINK = "hardlink"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Entry:
    """A member of a layer's tar. `path` is relative to the root; sizes in bytes."""

    path: str
    kind: Kind
    size: int
    link: str


@dataclass(frozen=True, slots=True)
class ScannedLayer:
    """A layer's index. `deflated_bytes` estimates its gzip size, None where that was not asked for."""

    diff_id: str
    unpacked_bytes: int
    files: int
    content_id: str
    entries: tuple[Entry, ...]
    directories: Mapping[str, int]
    deflated_bytes: int | None


def scan_layer(stream: BinaryIO, gauge: Gauge | None = None) -> ScannedLayer:
    """The index of an uncompressed layer tar; Unreadable if it is none or breaks the bounds."""
    tap = Tap(stream, gauge)
    entries: list[Entry] = []
    contents: list[str] = []
    try:
        for member, digest in _members(tap):
            entry = _entry(member)
            entries.append(entry)
            contents.append(_content(entry, member, digest))
            if len(entries) > _MAX_ENTRIES or len(entry.path) > _MAX_PATH:
                raise Unreadable("a layer holds more entries, or longer names, than any real image")
    except (tarfile.TarError, EOFError, OSError) as problem:
        raise Unreadable(f"a layer is not a whole tar archive: {problem}") from problem
    tap.drain()
    return ScannedLayer(
        diff_id=tap.digest,
        unpacked_bytes=sum(entry.size for entry in entries),
        files=sum(entry.kind is Kind.FILE and not is_whiteout(entry.path) for entry in entries),
        content_id=_digest_of(sorted(contents)),
        entries=tuple(entries),
        directories=_by_directory(entries),
        deflated_bytes=gauge.total() if gauge else None,
    )


def is_whiteout(path: str) -> bool:
    """Whether a path marks a deletion instead of standing for a file."""
    return posixpath.basename(path).startswith(WHITEOUT)


def _members(tap: Tap) -> Iterator[tuple[tarfile.TarInfo, str]]:
    """Each member with the digest of its content, empty where it has none."""
    with tarfile.open(fileobj=tap, mode="r|", bufsize=CHUNK, errors="surrogateescape") as tar:
        for member in tar:
            forget_members(tar)
            digest = hashlib.sha256()
            content = tar.extractfile(member) if member.isreg() and member.size else None
            while content and (data := content.read(CHUNK)):
                digest.update(data)
            yield member, digest.hexdigest() if content else ""


def _entry(member: tarfile.TarInfo) -> Entry:
    path = _clean(member.name)
    counts = member.isreg() and not is_whiteout(path)
    link = _clean(member.linkname) if member.islnk() else member.linkname
    return Entry(path, _kind(member), member.size if counts else 0, link)


def _clean(name: str) -> str:
    """A name relative to the root of the image, whatever dots and slashes it came with."""
    return posixpath.normpath("/" + name).lstrip("/")


def _kind(member: tarfile.TarInfo) -> Kind:
    if member.isreg():
        return Kind.FILE
    if member.isdir():
        return Kind.DIRECTORY
    if member.issym():
        return Kind.SYMLINK
    return Kind.HARDLINK if member.islnk() else Kind.OTHER


def _content(entry: Entry, member: tarfile.TarInfo, digest: str) -> str:
    """All of an entry but its times and its place in the tar, in a line that sorts."""
    mode = f"{member.mode:o} {member.uid}:{member.gid} {member.devmajor}:{member.devminor}"
    return f"{entry.path}\0{entry.kind}\0{mode}\0{entry.size}\0{entry.link}\0{digest}"


def _digest_of(lines: list[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode(errors="surrogateescape") + b"\n")
    return f"sha256:{digest.hexdigest()}"


def _by_directory(entries: list[Entry]) -> dict[str, int]:
    sizes: Counter[str] = Counter()
    for entry in entries:
        if entry.size:
            sizes[directory_of(entry.path)] += entry.size
    return dict(sizes)
