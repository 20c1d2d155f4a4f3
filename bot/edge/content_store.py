"""The containerd image store: images by the blobs of its content store, without an export.

`blobs/sha256/<digest>` under the store's folder holds every manifest, config and layer as it came
from a registry or would go to one (the content flow of containerd), so sizes are exact.
"""

from collections.abc import Sequence
from contextlib import closing

from bot.edge.peephole import Peephole
from bot.image.blob import Blob, Stored
from bot.image.descriptor import MAX_DOCUMENT, Descriptor
from bot.image.layout import Archive, read_image
from bot.image.shelf import Shelf, take

WAY = "content store"


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
        return [self._layer(layer) for layer in wanted]

    def _layer(self, wanted: Descriptor) -> Blob:
        with closing(self._hole.files(_path(wanted))) as files:
            for file in files:
                stored = Stored(file.content, file.size, wanted.digest, final=True)
                return take(stored, wanted, self._shelf)
        raise wanted.missing()


def _path(wanted: Descriptor) -> str:
    return "/content/blobs/" + wanted.digest.replace(":", "/", 1)
