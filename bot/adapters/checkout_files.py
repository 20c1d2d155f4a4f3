"""Files of an untrusted checkout: links out of it, devices and pipes are not opened."""

import os
import stat
from pathlib import Path


def is_below(path: Path, root: Path) -> bool:
    """Return True for what is in a folder, also if there are links on the way."""
    try:
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))
    except (OSError, ValueError):  # a name that is too long, or has a null character
        return False


def read_regular_file(path: Path, root: Path, max_bytes: int) -> bytes | None:
    """Return the content of a file below `root`.

    None for a larger one, for what is no regular file, and for what cannot be read.
    """
    return read_unlinked_file(os.path.realpath(path), max_bytes) if is_below(path, root) else None


def read_unlinked_file(path: str | Path, max_bytes: int) -> bytes | None:
    """Return the content of a file; None also for a link, which is not followed."""
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            content = file.read(max_bytes + 1)
    except OSError:
        return None
    return content if len(content) <= max_bytes else None


def _open_at_once(path: str, flags: int) -> int:
    # A link could have taken the file's place; a pipe would wait for a writer.
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
