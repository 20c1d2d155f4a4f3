"""Temporary folders, and those that a killed run has left: the next run removes them.

Each has a lock file beside it. The kernel lets go of the lock when its process ends, however it
ends, so that a folder of a dead process is known at once, and one of a process in another container
that shares the folder is not.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "image-size-review-"
_LOCK_SUFFIX = ".lock"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a new folder, which is removed afterwards, or by the next run."""
    root = Path(tempfile.gettempdir())
    _remove_abandoned(root)
    lock_path, lock = _create_lock(root)
    folder = lock_path.with_suffix("")
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock_path.unlink(missing_ok=True)
        os.close(lock)


def _create_lock(root: Path) -> tuple[Path, int]:
    """Create a lock file and hold it; another run may have removed it before it was held."""
    while True:
        lock, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_LOCK_SUFFIX, dir=root)
        if _try_lock(lock) and _is_same_file(lock, name):
            return Path(name), lock
        os.close(lock)


def _remove_abandoned(root: Path) -> None:
    """Remove the folders whose process has ended; those of other users stay."""
    for path in root.glob(f"{_PREFIX}*{_LOCK_SUFFIX}"):
        with suppress(OSError):  # another run may remove it at this moment
            lock = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
            try:
                if _try_lock(lock) and _is_same_file(lock, path):
                    shutil.rmtree(path.with_suffix(""), ignore_errors=True)
                    path.unlink()
            finally:
                os.close(lock)


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_same_file(lock: int, path: str | Path) -> bool:
    """Return True if the open file is still the one at this path, and our own."""
    try:
        status = os.fstat(lock)
        return os.path.samestat(status, os.lstat(path)) and status.st_uid == os.geteuid()
    except FileNotFoundError:
        return False
