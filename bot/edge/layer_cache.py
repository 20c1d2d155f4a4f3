"""Indexes of layers, kept on disk from one run to the next; a folder that actions/cache can carry.

A layer never changes, so its index is kept by its diff ID, beside how its contents were told apart.
Whatever fails its checks on reading is as good as not there.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from bot.core.entries import Identity
from bot.image.blob import Blob
from bot.image.index import LayerIndex
from bot.image.record import VERSION, from_record, to_record
from bot.image.shelf import Shelf
from bot.image.streams import Unreadable

VARIABLE = "IMAGE_SIZE_REVIEW_CACHE"

_LIMIT = 500_000_000  # bytes; some ten thousand layers
_SLACK = 0.8  # how much of it stays when it is exceeded


class LayerCache:
    """The `Keeper` of a `Shelf`. A folder that can't be written to is not written to."""

    def __init__(self, folder: Path) -> None:
        """Makes nothing before there is something to keep."""
        self._folder = folder / f"layers-v{VERSION}"
        self._pruned = False

    def load(self, diff_id: str, identity: Identity) -> LayerIndex | None:
        """A layer's index; None if it is not kept, or damaged."""
        path = self._path(diff_id, identity.value)
        try:
            index = from_record(path.read_bytes(), diff_id)
            os.utime(path)  # what is used stays longest
        except (OSError, Unreadable):
            return None
        return index if index.identity is identity else None

    def diff_id_of(self, digest: str) -> str:
        """The layer in a blob that was read to its end once, empty if none was."""
        try:
            return self._path(digest, "diff_id").read_text("ascii")
        except (OSError, ValueError):
            return ""

    def save(self, blob: Blob) -> None:
        """Keeps the index of a blob's layer."""
        layer = blob.layer
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._write(self._path(layer.diff_id, layer.identity.value), to_record(layer))
            if blob.digest != layer.diff_id and layer.identity is Identity.XXH3:
                self._write(self._path(blob.digest, "diff_id"), layer.diff_id.encode())
            if not self._pruned:
                self._pruned = True
                self._prune()

    def _path(self, digest: str, what: str) -> Path:
        return self._folder / f"{digest.replace(':', '-')}.{what}"

    def _write(self, path: Path, data: bytes) -> None:
        """Whole or not at all: another run may be reading."""
        with NamedTemporaryFile(dir=self._folder, delete=False) as file:
            file.write(data)
        Path(file.name).replace(path)

    def _prune(self) -> None:
        """Deletes what was unused for the longest time, once there is too much."""
        files = [(entry.stat(), entry.path) for entry in os.scandir(self._folder)]
        total = sum(stat.st_size for stat, _ in files)
        if total <= _LIMIT:
            return
        for stat, path in sorted(files, key=lambda file: file[0].st_mtime):
            if total <= _LIMIT * _SLACK:
                break
            Path(path).unlink(missing_ok=True)
            total -= stat.st_size


def known_layers(environment: Mapping[str, str], *, gauged: bool = False) -> Shelf:
    """A shelf that knows the layers of earlier runs."""
    folder = cache_folder(environment)
    return Shelf(LayerCache(folder) if folder else None, gauged=gauged)


def cache_folder(environment: Mapping[str, str]) -> Path | None:
    """Where layers are kept: where the variable says (nowhere if it is empty), else in the user's
    folder for such things; None if there is none."""
    if VARIABLE in environment:
        return Path(environment[VARIABLE]) if environment[VARIABLE] else None
    home = environment.get("XDG_CACHE_HOME") or _below(environment.get("HOME"), ".cache")
    return Path(home) / "image-size-review" if home else None


def _below(home: str | None, name: str) -> str:
    return f"{home}/{name}" if home else ""
