"""The number of images that are built at once: by processors, memory and free disk space."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_MOST_JOBS = 4
_BYTES_PER_JOB = 4_000_000_000
# Builds of several images at once need more space than one after another, whose images go at once.
MIN_FREE_BYTES = 10_000_000_000
_CONTAINER_MARK = Path("/.dockerenv")


def choose_jobs(info: Mapping[str, Any]) -> int:
    """Return a number for the machine of an engine, as `docker info` describes it.

    One for each processor and each 4 GB of memory, four at most: builds mostly wait for servers.
    """
    processors = _read_count(info, "NCPU") or len(os.sched_getaffinity(0))
    memory_bytes = _read_count(info, "MemTotal") or _read_own_memory()
    return max(1, min(processors, round(memory_bytes / _BYTES_PER_JOB), _MOST_JOBS))


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


def _read_count(info: Mapping[str, Any], name: str) -> int:
    value = info.get(name)
    return value if isinstance(value, int) and value > 0 else 0


def _read_own_memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
