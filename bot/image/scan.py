"""Reads one layer's tar from a stream and keeps its index; nothing is ever unpacked to disk."""

import hashlib
import posixpath
import tarfile
from collections.abc import Iterator
from typing import BinaryIO

from bot.core.entries import Entry, Kind
from bot.image.index import LayerIndex, is_whiteout
from bot.image.packages.reading import Probes, packages_in
from bot.image.streams import CHUNK, Gauge, Tap, Unreadable, forget_members

# Bounds for hostile layers, far above what real images hold (the largest seen: 400,000 entries).
_MAX_ENTRIES = 1_000_000
_MAX_PATH = 4096  # Linux's PATH_MAX


def scan_layer(stream: BinaryIO, gauge: Gauge | None = None) -> LayerIndex:
    """The index of an uncompressed layer tar; Unreadable if it is none or breaks the bounds."""
    tap = Tap(stream, gauge)
    entries: list[Entry] = []
    probes = Probes()
    try:
        for member, digest in _members(tap, probes):
            entry = _entry(member, digest)
            entries.append(entry)
            if len(entries) > _MAX_ENTRIES or len(entry.path) > _MAX_PATH:
                raise Unreadable("a layer holds more entries, or longer names, than any real image")
    except (tarfile.TarError, EOFError, OSError) as problem:
        raise Unreadable(f"a layer is not a whole tar archive: {problem}") from problem
    tap.drain()
    return LayerIndex(
        diff_id=tap.digest,
        entries=tuple(entries),
        packages=packages_in(entries, probes),
        deflated_bytes=gauge.total() if gauge else None,
    )


def _members(tap: Tap, probes: Probes) -> Iterator[tuple[tarfile.TarInfo, str]]:
    """Each member with the digest of its content, empty where it has none."""
    with tarfile.open(fileobj=tap, mode="r|", bufsize=CHUNK, errors="surrogateescape") as tar:
        for member in tar:
            forget_members(tar)
            digest = hashlib.sha256()
            content = tar.extractfile(member) if member.isreg() and member.size else None
            probe = probes.ask(_clean(member.name), member.size, member.mode) if content else None
            while content and (data := content.read(CHUNK)):
                digest.update(data)
                if probe:
                    probe.feed(data)
            yield member, digest.hexdigest() if content else ""


def _entry(member: tarfile.TarInfo, digest: str) -> Entry:
    path = _clean(member.name)
    counts = member.isreg() and not is_whiteout(path)
    link = _clean(member.linkname) if member.islnk() else member.linkname
    if member.isdev():
        link = f"{member.devmajor}:{member.devminor}"
    size = member.size if counts else 0
    return Entry(path, _kind(member), size, member.mode, member.uid, member.gid, link, digest[:32])


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
