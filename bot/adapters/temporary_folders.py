"""Temporary folders that the next run removes if this one is killed.

Each holds a file that is locked as long as its process lives: the kernel gives the lock up however
the process ends (flock(2)). A folder without such a file may be anybody's, and is left alone.
"""

import fcntl
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

FOLDER_PREFIX = "image-size-review-"
_LOCK_NAME = ".image-size-review.lock"
_CONTENT_NAME = "content"
_MAX_NOTE_BYTES = 200


class LockedFolder:
    """A new folder; `note` says what else belongs to the process, for who finds the folder."""

    def __init__(self, note: str = "", parent: Path | None = None) -> None:
        """Create it; `remove` deletes it, at the latest when the process ends in order."""
        folder, lock = _create_locked_folder(note, parent)
        self.path = folder / _CONTENT_NAME
        self.path.mkdir()
        self.remove = weakref.finalize(self, _remove_folder, folder, lock)


@dataclass(frozen=True, slots=True)
class OtherProcesses:
    """The notes of processes of this machine that left folders behind, and of those that live."""

    dead: frozenset[str] = frozenset()
    alive: frozenset[str] = frozenset()


NO_PROCESSES = OtherProcesses()


@contextmanager
def temporary_folder(parent: Path | None = None) -> Iterator[Path]:
    """Yield an empty folder and remove it afterwards."""
    folder = LockedFolder(parent=parent)
    try:
        yield folder.path
    finally:
        folder.remove()


def sweep_dead_folders(parent: Path | None = None) -> OtherProcesses:
    """Remove the folders of processes that were killed; one that resists is no error."""
    dead, alive = set[str](), set[str]()
    with suppress(OSError):
        for entry in list(os.scandir(parent or tempfile.gettempdir())):
            if entry.name.startswith(FOLDER_PREFIX) and entry.is_dir(follow_symlinks=False):
                with suppress(OSError):
                    _sweep_folder(Path(entry.path), dead, alive)
    return OtherProcesses(frozenset(dead - {""}), frozenset(alive - {""}))


def _sweep_folder(folder: Path, dead: set[str], alive: set[str]) -> None:
    """Remove a folder if nobody holds its lock; add its note to one of the two sets."""
    if folder.stat().st_uid != os.getuid():
        return
    try:
        lock = os.open(folder / _LOCK_NAME, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        folder.rmdir()  # if it is empty: its process was killed before it made the file
        return
    try:
        note = os.pread(lock, _MAX_NOTE_BYTES, 0).decode("ascii", "replace")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            alive.add(note)
            return
        dead.add(note)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def _create_locked_folder(note: str, parent: Path | None) -> tuple[Path, int]:
    """Return a new folder and its open lock file.

    Another process may take the folder for a dead one's until the lock is held; then it is gone.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=parent))
        with suppress(FileNotFoundError):
            lock = os.open(folder / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            os.pwrite(lock, note.encode("ascii"), 0)
            if _is_still_there(folder / _LOCK_NAME, lock):
                return folder, lock
            os.close(lock)


def _is_still_there(path: Path, lock: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(lock))
    except FileNotFoundError:
        return False


def _remove_folder(folder: Path, lock: int) -> None:
    """Delete a folder; one that resists is left to the next run, which finds it unlocked."""
    shutil.rmtree(folder, ignore_errors=True)
    os.close(lock)
