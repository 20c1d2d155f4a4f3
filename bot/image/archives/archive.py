"""Reads an image out of an archive, be it written by `docker save`, `skopeo copy` or `buildx`.

Three shapes are in the wild: legacy `*/layer.tar` with `manifest.json`, OCI `blobs/sha256/*` plain,
and the same compressed. Where the file can seek, only the layers of the image are read; a stream is
read once, from front to back.
"""

import io
import tarfile
from typing import BinaryIO, cast

from bot.image.archives.image_selection import Folder, read_named
from bot.image.archives.layer_cache import Shelf
from bot.image.archives.manifest_resolver import Archive
from bot.image.archives.seekable_archive import SeekableTar
from bot.image.archives.streamed_archive import Passage
from bot.image.layers.streams import (
    UNDECODABLE,
    Unreadable,
    ahead,
    decompressed,
    is_compressed,
    peek,
)

_BUFFER = 64 * 1024
_BROKEN: tuple[type[Exception], ...] = (tarfile.TarError, *UNDECODABLE)


def read_archive(
    stream: BinaryIO,
    platform: str | None = None,
    shelf: Shelf | None = None,
    *,
    which: str = "",
    way: str = "archive",
) -> Archive:
    """The image in an archive: of several platforms the one asked for, or this machine's.

    `which` tells several images apart, by name or by `@` and position. Unreadable if the archive is
    broken, lies about a digest, or has no such image.
    """
    buffered = cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, stream), _BUFFER))
    try:
        return read_named(_folder(buffered, shelf or Shelf(), way), which, platform)
    except _BROKEN as problem:
        raise Unreadable(f"not an image archive, or a truncated one: {problem}") from problem


def _folder(stream: BinaryIO, shelf: Shelf, way: str) -> Folder:
    if not is_compressed(peek(stream, 8)):
        return SeekableTar(stream, shelf, way) if stream.seekable() else Passage(stream, shelf, way)
    with ahead(decompressed(stream)) as plain:
        return Passage(plain, shelf, way)
