"""Images in archives, as `docker save`, `skopeo copy` and `buildx` write them.

Three shapes are in use: legacy `*/layer.tar` with `manifest.json`, OCI `blobs/sha256/*`
uncompressed, and the same compressed. In a seekable file only the layers of the image are read; a
stream is read once, from front to back.
"""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from bot.image.archives.image_platforms import list_archive_platforms
from bot.image.archives.image_selection import ImageArchive, read_selected_image
from bot.image.archives.layer_cache import LayerCache
from bot.image.archives.manifest_resolver import ScannedImage
from bot.image.archives.seekable_archive import SeekableArchive
from bot.image.archives.streamed_archive import StreamedArchive
from bot.image.layers.streams import (
    DECODE_ERRORS,
    ChunkReader,
    Unreadable,
    decompress_stream,
    is_compressed,
    peek,
    read_ahead,
)
from bot.image.layers.tar_headers import BLOCK_BYTES, has_data, has_valid_checksum
from bot.parallel import can_fork, read_in_second_process

_BUFFER_BYTES = 64 * 1024
_MIN_FORKED_BYTES = 16 << 20  # compressed: below, starting a process takes longer than it saves
_ARCHIVE_ERRORS: tuple[type[Exception], ...] = (Unreadable, *DECODE_ERRORS)


def read_archive(
    stream: BinaryIO,
    platform: str | None = None,
    layer_cache: LayerCache | None = None,
    *,
    selector: str = "",
    read_method: str = "archive",
) -> ScannedImage:
    """Return the image in an archive, for the requested platform or this machine's.

    `selector` names one of several images, by reference or by `@` and position. Raises Unreadable
    if the archive is broken, contradicts a digest, or has no such image.
    """
    # What a stream holds is recognised by `peek`, which a pipe or an unbuffered file does not have.
    buffered = io.BufferedReader(cast(io.RawIOBase, stream), _BUFFER_BYTES)
    cache = layer_cache or LayerCache()
    try:
        archive = _open_archive(cast(BinaryIO, buffered), cache, read_method)
        return read_selected_image(archive, selector, platform)
    finally:
        buffered.detach()  # the stream is the caller's to close


def list_platforms(stream: BinaryIO, selector: str = "") -> tuple[str, ...]:
    """Return the platforms of the image in a seekable archive; Unreadable as in `read_archive`."""
    buffered = io.BufferedReader(cast(io.RawIOBase, stream), _BUFFER_BYTES)
    try:
        archive = _open_archive(cast(BinaryIO, buffered), LayerCache(), "archive")
        return list_archive_platforms(archive, selector)
    finally:
        buffered.detach()


def _open_archive(stream: BinaryIO, layer_cache: LayerCache, read_method: str) -> ImageArchive:
    """List the members of an archive; raise Unreadable if it is none."""
    try:
        return _list_archive(stream, layer_cache, read_method)
    except _ARCHIVE_ERRORS as error:
        raise Unreadable(f"not an image archive, or a broken one: {error}") from error


def _check_start(stream: BinaryIO) -> None:
    """Raise Unreadable unless a stream begins like a tar, as far as it can be seen."""
    block = peek(stream, BLOCK_BYTES)
    if len(block) == BLOCK_BYTES and has_data(block) and not _has_header(block):
        raise Unreadable("it does not begin like a tar archive")


def _has_header(block: bytes) -> bool:
    try:
        return has_valid_checksum(block)
    except Unreadable:
        return False


def _list_archive(stream: BinaryIO, layer_cache: LayerCache, read_method: str) -> ImageArchive:
    if not is_compressed(peek(stream, 8)):
        _check_start(stream)
        return (
            SeekableArchive(stream, layer_cache, read_method)
            if stream.seekable()
            else StreamedArchive(stream, layer_cache, read_method)
        )
    # A compressed archive cannot be read at offsets, even where its file can seek.
    with _decompress_ahead(stream) as plain:
        buffered = cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, plain), _BUFFER_BYTES))
        _check_start(buffered)
        return StreamedArchive(buffered, layer_cache, read_method)


@contextmanager
def _decompress_ahead(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Decompress a large file in a second process, and anything else in a thread.

    Threads wait for each other in the interpreter, so a process is faster once it has started.
    """
    plain = decompress_stream(stream)
    if _is_large_file(stream) and can_fork():
        with read_in_second_process(plain) as chunks:
            yield cast(BinaryIO, ChunkReader(chunks))
    else:
        with read_ahead(plain) as ahead:
            yield ahead


def _is_large_file(stream: BinaryIO) -> bool:
    try:
        return os.fstat(stream.fileno()).st_size >= _MIN_FORKED_BYTES
    except OSError:
        return False
