"""Temporary folders that the next run removes if this one is killed.

Each holds a file that is locked as long as its process lives: the kernel gives the lock up however
the process ends (flock(2)). A folder without such a file may be anybody's, and is left alone.
"""

import fcntl
import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import DiskError, describe_cause

FOLDER_PREFIX = "image-size-review-"
_LOCK_NAME = ".image-size-review.lock"
_CONTENT_NAME = "content"
_MAX_NOTE_BYTES = 200
_KEEP_NOTE_S = 30 * 60


class LockedFolder:
    """A new folder; `note` says what else belongs to the process, for who finds the folder."""

    def __init__(self, note: str = "", parent: Path | None = None) -> None:
        """Create it; `remove` deletes it, at the latest when the process ends in order."""
        folder, lock = _create_locked_folder(note, parent)
        self.path = folder / _CONTENT_NAME
        self.path.mkdir()
        # Not `__del__`, which Python need not call at its end; `finalize` is called at exit.
        self.remove = weakref.finalize(self, _remove_folder, folder, lock)

    def abandon(self) -> None:
        """Leave it to the next run, which finds the note once this process has ended."""
        self.remove.detach()


@dataclass(frozen=True, slots=True)
class OtherProcesses:
    """The notes of other processes of this machine: the dead ones, and those that live.

    `dead` has the folders that still hold the notes.
    """

    dead: Mapping[str, Path] = field(default_factory=dict)
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
    """Remove the folders of processes that were killed; one that resists is no error.

    One with a note is emptied, and kept for half an hour: what the note is about may be out of
    reach of this process, and in reach of the next one.
    """
    dead, alive = dict[str, Path](), set[str]()
    with suppress(OSError):
        for entry in list(os.scandir(parent or tempfile.gettempdir())):
            if entry.name.startswith(FOLDER_PREFIX) and entry.is_dir(follow_symlinks=False):
                with suppress(OSError):
                    _sweep_folder(Path(entry.path), dead, alive)
    return OtherProcesses(dead, frozenset(alive - {""}))


def remove_swept_folder(folder: Path) -> None:
    """Remove what is left of a dead process, once what its note is about is gone as well."""
    shutil.rmtree(folder, ignore_errors=True)


def _sweep_folder(folder: Path, dead: dict[str, Path], alive: set[str]) -> None:
    """Remove a folder if nobody holds its lock; add its note to the dead or to those alive."""
    # /tmp is everybody's: another user's folder is not ours to judge or to remove.
    if folder.stat().st_uid != os.getuid():
        return
    try:
        # A link could make us lock, and read as a note, any file of this user.
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
        if note:
            dead[note] = folder
        if note and time.time() - os.fstat(lock).st_mtime < _KEEP_NOTE_S:
            shutil.rmtree(folder / _CONTENT_NAME, ignore_errors=True)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def _create_locked_folder(note: str, parent: Path | None) -> tuple[Path, int]:
    """Return a new folder and its open lock file.

    Another process may take the folder for a dead one's until the lock is held; then it is gone.
    """
    while True:
        folder = _make_folder(parent)
        with suppress(FileNotFoundError):
            lock = os.open(folder / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            os.pwrite(lock, note.encode("ascii"), 0)
            if _is_still_there(folder / _LOCK_NAME, lock):
                return folder, lock
            os.close(lock)


def _make_folder(parent: Path | None) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=parent))
    except OSError as problem:
        fix = "free disk space, or set TMPDIR to a folder that can be written to"
        what = "No temporary folder could be made."
        raise DiskError(what, describe_cause(problem), fix) from problem


def _is_still_there(path: Path, lock: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(lock))
    except FileNotFoundError:
        return False


def _remove_folder(folder: Path, lock: int) -> None:
    """Delete a folder; one that resists is left to the next run, which finds it unlocked."""
    shutil.rmtree(folder, ignore_errors=True)
    os.close(lock)
