"""The number of builds at once: what is asked for, as far as the machine has room for it."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.adapters.docker.engine_errors import EngineFailure
from bot.errors import EngineUnavailableError
from bot.model.failures import FailureKind
from bot.model.image import BuildFailure, BuiltImage
from bot.model.sizes import format_size

# Builds at once need more space than one after another, whose images are removed at once.
MIN_FREE_BYTES = 10_000_000_000
# A hosted runner has 7 or 16 GB; in half of 8 GB most builds have room.
_MIN_MEMORY_BYTES = 7_900_000_000
_MIN_PROCESSORS = 2
_CONTAINER_MARK = Path("/.dockerenv")
# What a build that runs beside another one may fail of, and alone not: memory, disk, time, the
# folder of a cache mount, a port of the host's network.
_SHARED_CAUSES = frozenset(
    {
        FailureKind.INSTRUCTION,
        FailureKind.MEMORY,
        FailureKind.DISK,
        FailureKind.TIME,
        FailureKind.UNKNOWN,
    }
)


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine that builds: its free space for images, and its engine as `docker info` has it.

    `free_bytes` is None where the space is not of this machine, `info` for a builder without an
    engine, of which nothing is known.
    """

    free_bytes: int | None
    info: Mapping[str, Any] | None = None

    @property
    def has_space(self) -> bool:
        """True if the disk has room for several builds, as far as it is known."""
        return self.free_bytes is None or self.free_bytes >= MIN_FREE_BYTES

    @property
    def has_room_for_two(self) -> bool:
        """True if two builds fit into its disk, memory and processors, as far as they are known."""
        if self.info is None or not self.has_space:
            return self.has_space
        processors, memory_bytes = self.info.get("NCPU"), self.info.get("MemTotal")
        return (
            isinstance(processors, int)
            and isinstance(memory_bytes, int)
            and processors >= _MIN_PROCESSORS
            and memory_bytes >= _MIN_MEMORY_BYTES
        )


@dataclass
class ParallelBuilds:
    """Decides how many builds run at once; says so once if the disk has no room for several.

    `jobs` is the number of images that the caller gives. `find_machine` raises EngineFailure or
    EngineUnavailableError.
    """

    jobs: int | None
    find_machine: Callable[[], Machine]
    write_line: Callable[[str], None]
    _has_said_so: bool = field(default=False, init=False)

    def count_jobs(self, images: int) -> int:
        """Return how many of some images are built at once: one, where little disk is free."""
        jobs = self.jobs or 1
        machine = self._try_machine() if min(jobs, images) > 1 else None
        if machine is None or machine.has_space:
            return jobs
        self._note_space(machine, f"they are built one after another, and not {jobs} at once")
        return 1

    def allows_both_sides(self) -> bool:
        """Return True if both sides of an image are built at once.

        They are not where the caller gives a number of images, nor where the machine is small.
        """
        machine = self._try_machine() if self.jobs is None else None
        if machine is None:
            return False
        if not machine.has_space:
            self._note_space(machine, "both sides of an image are built one after the other")
        return machine.has_room_for_two

    def _note_space(self, machine: Machine, consequence: str) -> None:
        if not self._has_said_so and machine.free_bytes is not None:
            self._has_said_so = True
            free = format_size(machine.free_bytes)
            self.write_line(f"note: only {free} are free for images: {consequence}")

    def _try_machine(self) -> Machine | None:
        """Return the machine; None if it does not answer, which the builds then say."""
        try:
            return self.find_machine()
        except (EngineFailure, EngineUnavailableError):
            return None


def may_be_due_to_others(outcome: BuiltImage | BuildFailure) -> bool:
    """Return True if a build failed of something that it shared with those that ran beside it."""
    return isinstance(outcome, BuildFailure) and outcome.kind in _SHARED_CAUSES


def is_stopped(outcome: BuiltImage | BuildFailure) -> bool:
    """Return True if a build was stopped at its time limit."""
    return isinstance(outcome, BuildFailure) and outcome.kind is FailureKind.TIME


def find_free_bytes(data_root: str) -> int | None:
    """Return the free space for an engine's data; None where it is not of this machine.

    In a container the folder is not there, but the container's own root is in the same place.
    """
    folder = Path(data_root)
    try:
        if folder.is_dir():
            return shutil.disk_usage(folder).free
        return shutil.disk_usage("/").free if _CONTAINER_MARK.exists() else None
    except OSError:  # the folder of an engine of root is closed to other users
        return None
