"""A folder of what is kept from one run to the next, which actions/cache can carry.

Whatever is read back may have been damaged or made up: those who keep things here check them.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

CACHE_VARIABLE = "IMAGE_SIZE_REVIEW_CACHE"

_MAX_BYTES = 500_000_000  # bytes; some ten thousand layers
_PRUNE_TO_FRACTION = 0.8  # how much of it stays when it is exceeded


class CacheFolder:
    """Files by name. A folder that can't be written to is not written to."""

    def __init__(self, folder: Path) -> None:
        """Makes nothing before there is something to keep."""
        self._folder = folder
        self._is_pruned = False

    def path_of(self, name: str) -> Path:
        """Where a file is, or would be."""
        return self._folder / name.replace(":", "-")

    def read(self, name: str) -> bytes:
        """What was kept under a name; OSError if nothing was."""
        path = self.path_of(name)
        data = path.read_bytes()
        with suppress(OSError):
            os.utime(path)  # what is used stays longest
        return data

    def write(self, name: str, data: bytes) -> None:
        """Keeps something, whole or not at all: another run may be reading."""
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self._folder, delete=False) as file:
                file.write(data)
            Path(file.name).replace(self.path_of(name))
            if not self._is_pruned:
                self._is_pruned = True
                self._prune()

    def _prune(self) -> None:
        """Deletes what was unused for the longest time, once there is too much."""
        files = [(entry.stat(), entry.path) for entry in os.scandir(self._folder)]
        total = sum(stat.st_size for stat, _ in files)
        if total <= _MAX_BYTES:
            return
        for stat, path in sorted(files, key=lambda file: file[0].st_mtime):
            if total <= _MAX_BYTES * _PRUNE_TO_FRACTION:
                break
            Path(path).unlink(missing_ok=True)
            total -= stat.st_size


def find_cache_folder(environment: Mapping[str, str]) -> Path | None:
    """Where things are kept: where the variable says (nowhere if it is empty), else in the user's
    folder for such things; None if there is none."""
    if CACHE_VARIABLE in environment:
        return Path(environment[CACHE_VARIABLE]) if environment[CACHE_VARIABLE] else None
    home = environment.get("XDG_CACHE_HOME") or _path_in_home(environment.get("HOME"), ".cache")
    return Path(home) / "image-size-review" if home else None


def _path_in_home(home: str | None, name: str) -> str:
    return f"{home}/{name}" if home else ""
