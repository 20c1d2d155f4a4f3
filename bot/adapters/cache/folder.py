"""A folder of files that are kept between runs; on GitHub, actions/cache can restore it.

A restored file may be damaged, or made up by another branch's job: every reader checks its files.
"""

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

CACHE_VARIABLE = "IMAGE_SIZE_REVIEW_CACHE"

_MAX_BYTES = 500_000_000  # some ten thousand layers
# Far above the index of any layer: a made-up file must not fill the memory.
_MAX_FILE_BYTES = 128 << 20
_PRUNE_TO_FRACTION = 0.8  # of the maximum, so that not every run has to prune


class CacheFolder:
    """Files by name. A folder that cannot be written to is a cache that stays empty."""

    def __init__(self, folder: Path) -> None:
        """Create nothing yet: a run that stores nothing leaves no folder."""
        self._folder = folder
        self._is_pruned = False

    def path_of(self, name: str) -> Path:
        """Return the path of a file, whether it exists or not."""
        # A digest has a colon, which Windows and actions/upload-artifact take in no name of a file.
        return self._folder / name.replace(":", "-")

    def read(self, name: str) -> bytes:
        """Return the content of a file; OSError if there is none."""
        path = self.path_of(name)
        data = _read_regular_file(path)
        with suppress(OSError):
            # The access time would do, but most disks are mounted with `relatime` or `noatime`.
            os.utime(path)  # pruning deletes what was not read for the longest time
        return data

    def write(self, name: str, data: bytes) -> None:
        """Write a file, whole or not at all: another run may be reading it."""
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            # In the same folder, since only within one file system is a rename at once.
            with NamedTemporaryFile(dir=self._folder, delete=False) as file:
                file.write(data)
            Path(file.name).replace(self.path_of(name))
            if not self._is_pruned:
                self._is_pruned = True
                self._prune()

    def _prune(self) -> None:
        """Delete the files that were not read for the longest time, if there is too much."""
        files = [(entry.stat(), entry.path) for entry in os.scandir(self._folder)]
        total = sum(status.st_size for status, _ in files)
        if total <= _MAX_BYTES:
            return
        for status, path in sorted(files, key=lambda file: file[0].st_mtime):
            if total <= _MAX_BYTES * _PRUNE_TO_FRACTION:
                break
            Path(path).unlink(missing_ok=True)
            total -= status.st_size


def _read_regular_file(path: Path) -> bytes:
    """Return the content of a file of a bounded size; OSError for anything else, such as a link."""
    # Neither a link nor a pipe of another job: opening that would wait for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_FILE_BYTES:
            raise OSError(f"{path} is not a file that was written here")
        return file.read(_MAX_FILE_BYTES)


def find_cache_folder(environment: Mapping[str, str]) -> Path | None:
    """Return the cache folder of the variable, or else of the user; None for no cache.

    An empty variable switches the cache off. See the XDG Base Directory Specification.
    """
    if CACHE_VARIABLE in environment:
        return Path(environment[CACHE_VARIABLE]) if environment[CACHE_VARIABLE] else None
    home = environment.get("XDG_CACHE_HOME") or _path_in_home(environment.get("HOME"), ".cache")
    return Path(home) / "image-size-review" if home else None


def _path_in_home(home: str | None, name: str) -> str:
    return f"{home}/{name}" if home else ""
