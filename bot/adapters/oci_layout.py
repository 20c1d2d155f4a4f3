"""A folder that holds an OCI layout, as `oci:DIR` names it."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from bot.image.archives.blob import Blob, Stored, scan_blob
from bot.image.archives.descriptor import MAX_DOCUMENT, Descriptor
from bot.image.archives.layer_cache import Shelf, recall, take_all
from bot.image.layers.streams import CHUNK, Unreadable
from bot.parallel import WORTH, spread


class LayoutFolder:
    """Reads plain files below the folder; a link that leads out of it is as good as none."""

    way = "layout"

    def __init__(self, root: Path, shelf: Shelf) -> None:
        """Reads nothing yet."""
        self._root, self._shelf = root.resolve(), shelf

    def has(self, name: str) -> bool:
        """Whether there is a file of the name."""
        return self._find(name) is not None

    def manifest(self, wanted: Descriptor) -> bytes:
        """A document whole."""
        path = self._path(wanted)
        if path.stat().st_size > MAX_DOCUMENT:
            raise Unreadable(f"{wanted.name} is too large for a document")
        return path.read_bytes()

    config = manifest

    def layers(self, wanted: Sequence[Descriptor]) -> Sequence[Blob]:
        """The layers, scanned where the shelf has them not."""
        return take_all(wanted, self._shelf, self._known, self._read)

    def _known(self, layer: Descriptor) -> Blob | None:
        with self._stored(layer) as stored:
            return recall(stored, layer, self._shelf)

    def _read(self, layers: Sequence[Descriptor]) -> list[Blob]:
        if sum(map(self._size, layers)) < WORTH:
            return [self._scan(layer) for layer in layers]
        return spread(layers, self._scan, self._scan, self._size)

    def _size(self, layer: Descriptor) -> int:
        return self._path(layer).stat().st_size

    def _scan(self, layer: Descriptor) -> Blob:
        with self._stored(layer) as stored:
            return scan_blob(stored, gauged=self._shelf.gauged)

    @contextmanager
    def _stored(self, layer: Descriptor) -> Iterator[Stored]:
        path = self._path(layer)
        size = path.stat().st_size
        layer.check_size(size)
        with path.open("rb", buffering=0) as raw:
            yield Stored(cast(BinaryIO, io.BufferedReader(raw, CHUNK)), size, layer.digest)

    def _path(self, wanted: Descriptor) -> Path:
        path = self._find(wanted.name)
        if path is None:
            raise wanted.missing()
        return path

    def _find(self, name: str) -> Path | None:
        try:
            path = (self._root / name).resolve()
        except (ValueError, RuntimeError):  # a null byte, links in a circle
            return None
        return path if path.is_relative_to(self._root) and path.is_file() else None
