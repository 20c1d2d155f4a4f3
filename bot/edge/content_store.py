"""The containerd image store: images by the blobs of its content store, without an export.

`blobs/sha256/<digest>` under the store's folder holds every manifest, config and layer as it came
from a registry or would go to one (the content flow of containerd), so sizes are exact.
"""

import io
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from typing import BinaryIO

from bot.edge.peephole import Peephole
from bot.image.blob import Blob, Stored, scan_blob
from bot.image.descriptor import MAX_DOCUMENT, Descriptor
from bot.image.layout import Archive, read_image
from bot.image.shelf import Shelf, recall, take_all
from bot.image.spread import spread

WAY = "content store"

_WORTH = 16 << 20  # compressed bytes from which on a second process is worth its start


def places(root: str) -> list[dict[str, str]]:
    """Where the store may be: with a containerd of the engine's own, or with the system's."""
    owners = (f"{root}/containerd/daemon", "/var/lib/containerd")
    return [{"content": f"{owner}/io.containerd.content.v1.content"} for owner in owners]


def read_content(hole: Peephole, digest: str, platform: str | None, shelf: Shelf) -> Archive:
    """An image of the containerd store; Unreadable or OSError if it cannot be had this way."""
    return read_image(_Source(hole, shelf), Descriptor(digest, digest), platform)


class _Source:
    """The content store as a source of images."""

    way = WAY

    def __init__(self, hole: Peephole, shelf: Shelf) -> None:
        self._hole, self._shelf = hole, shelf

    def manifest(self, wanted: Descriptor) -> bytes:
        return self._hole.read(_path(wanted), MAX_DOCUMENT)

    def config(self, wanted: Descriptor) -> bytes:
        return self._hole.read(_path(wanted), MAX_DOCUMENT)

    def layers(self, wanted: Sequence[Descriptor]) -> list[Blob]:
        return take_all(wanted, self._shelf, self._known, self._read)

    def _known(self, layer: Descriptor) -> Blob | None:
        return recall(_stored(layer, io.BytesIO(), layer.size or 0), layer, self._shelf)

    def _read(self, layers: Sequence[Descriptor]) -> list[Blob]:
        if sum(layer.size or 0 for layer in layers) < _WORTH:
            return [_scan(self._hole, layer) for layer in layers]
        with self._hole.second() as there:
            return spread(layers, partial(_scan, self._hole), partial(_scan, there))


def _scan(hole: Peephole, wanted: Descriptor) -> Blob:
    with closing(hole.files(_path(wanted))) as files:
        for file in files:
            return scan_blob(_stored(wanted, file.content, file.size))
    raise wanted.missing()


def _stored(wanted: Descriptor, content: BinaryIO, size: int) -> Stored:
    return Stored(content, size, wanted.digest, final=True)


def _path(wanted: Descriptor) -> str:
    return "/content/blobs/" + wanted.digest.replace(":", "/", 1)
