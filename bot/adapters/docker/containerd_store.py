"""The containerd image store: images by the blobs of its content store, without an export.

`blobs/sha256/<digest>` under the store's folder holds every manifest, config and layer as it came
from a registry or would go to one (the content flow of containerd), so sizes are exact.
"""

import io
from collections.abc import Sequence
from contextlib import closing
from functools import partial

from bot.adapters.docker.engine_files import Peephole
from bot.image.archives.blob import Blob, Stored, scan_blob
from bot.image.archives.descriptor import MAX_DOCUMENT, Descriptor
from bot.image.archives.layer_cache import Shelf, recall, take_all
from bot.image.archives.manifest_resolver import Archive, read_image
from bot.parallel import spread

WAY = "content store"

_WORTH = 16 << 20  # compressed bytes from which on a second process is worth its start


def places(root: str) -> list[dict[str, str]]:
    """Where the store may be: with a containerd of the engine's own, or with the system's."""
    owners = (f"{root}/containerd/daemon", "/var/lib/containerd")
    return [{"content": f"{owner}/io.containerd.content.v1.content"} for owner in owners]


def read_content(
    hole: Peephole, digest: str, platform: str | None, shelf: Shelf, *, unpacked: bool
) -> Archive:
    """An image of the containerd store; Unreadable or OSError if it cannot be had this way.

    If the engine has `unpacked` it, and so held its layers against its config, that is not done again.
    """
    source = _Source(hole, shelf, unpacked=unpacked)
    return read_image(source, Descriptor(digest, digest), platform)


class _Source:
    """The content store as a source of images."""

    way = WAY

    def __init__(self, hole: Peephole, shelf: Shelf, *, unpacked: bool) -> None:
        self._hole, self._shelf, self._unpacked = hole, shelf, unpacked

    def manifest(self, wanted: Descriptor) -> bytes:
        return self._hole.read(_path(wanted), MAX_DOCUMENT)

    def config(self, wanted: Descriptor) -> bytes:
        return self._hole.read(_path(wanted), MAX_DOCUMENT)

    def layers(self, wanted: Sequence[Descriptor]) -> list[Blob]:
        return take_all(wanted, self._shelf, self._known, self._read)

    def _known(self, layer: Descriptor) -> Blob | None:
        stored = Stored(io.BytesIO(), layer.size or 0, layer.digest, final=True)
        return recall(stored, layer, self._shelf)

    def _read(self, layers: Sequence[Descriptor]) -> list[Blob]:
        here = partial(self._scan, self._hole)
        if sum(layer.size or 0 for layer in layers) < _WORTH:
            return list(map(here, layers))
        with self._hole.second() as there:
            return spread(layers, here, partial(self._scan, there), lambda layer: layer.size or 0)

    def _scan(self, hole: Peephole, layer: Descriptor) -> Blob:
        diff_id = layer.diff_id if self._unpacked else ""
        with closing(hole.files(_path(layer))) as files:
            for file in files:
                return scan_blob(
                    Stored(file.content, file.size, layer.digest, final=True, unpacked=diff_id)
                )
        raise layer.missing()


def _path(wanted: Descriptor) -> str:
    return "/content/blobs/" + wanted.digest.replace(":", "/", 1)
