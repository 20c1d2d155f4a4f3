"""A cache folder that several processes share under locks."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.engine.errors import EngineUnavailable
from tests.support.engine.progress import print_progress


def find_cache_root(environment: Mapping[str, str]) -> Path:
    """Return our folder in `$IMAGE_SIZE_CACHE`, or in the user's cache by the XDG rules."""
    if own := environment.get("IMAGE_SIZE_CACHE"):
        return Path(own).absolute() / "engine"
    base = environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME", "/root"), ".cache")
    return Path(base, "image-size-review", "engine").absolute()


def hash_parts(*parts: str | bytes) -> str:
    """Return a short hash of a recipe: a changed recipe has another file name."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:12]


def take_lock(path: Path, waiting_for: str) -> int:
    """Return an open, locked file; the lock lasts until all its copies are closed.

    Copies include those of forked processes. The holder's process id is written into the file, for
    the message that others show while waiting.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _refuse_own(path, waiting_for)
        print_progress(f"waiting for {waiting_for}: process {read_holder(path)} is using it")
        fcntl.flock(lock, fcntl.LOCK_EX)
    os.truncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock


def _refuse_own(path: Path, waiting_for: str) -> None:
    """Raise an error if this process holds the lock: it would wait for itself forever."""
    if read_holder(path) == str(os.getpid()):
        raise EngineUnavailable(
            f"This process asked twice for {waiting_for}.",
            f"it holds the lock {path} already, and only one at a time can.",
            "share the one that is there, or give the second another purpose.",
        )


def read_holder(path: Path) -> str:
    """Return the process id in a lock file; stale if the lock is free."""
    return path.read_text().strip() if path.exists() else ""


@contextmanager
def locked(path: Path, waiting_for: str) -> Iterator[None]:
    """Hold a lock for the duration of a block."""
    lock = take_lock(path, waiting_for)
    try:
        yield
    finally:
        os.close(lock)


def create_once(
    target: Path,
    what: str,
    make: Callable[[Path], None],
    is_current: Callable[[Path], bool] = Path.exists,
) -> Path:
    """Return `target`, made by `make` if it is not current; an unfinished one has another name."""
    if is_current(target):
        return target
    with locked(target.with_name(f".{target.name}.lock"), what):
        if not is_current(target):
            print_progress(f"making {what}")
            _make_and_rename(target, make)
    return target


def _make_and_rename(target: Path, make: Callable[[Path], None]) -> None:
    unfinished = target.with_name(f".{target.name}.unfinished")
    remove(unfinished)
    make(unfinished)
    unfinished.rename(target)


def remove(path: Path) -> None:
    """Delete a file or a folder, if it exists."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
