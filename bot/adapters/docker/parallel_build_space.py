"""The free disk space that building several images at once needs."""

import shutil
from pathlib import Path

# Builds of several images at once need more space than one after another, whose images go at once.
MIN_FREE_BYTES = 10_000_000_000
_CONTAINER_MARK = Path("/.dockerenv")


def find_free_bytes(data_root: str) -> int | None:
    """Return the free space for an engine's data; None where it is not of this machine.

    In a container the folder is not there, but the container's own root is in the same place.
    """
    folder = Path(data_root)
    if not folder.is_dir():
        if not _CONTAINER_MARK.exists():
            return None
        folder = Path("/")
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
