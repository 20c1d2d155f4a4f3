"""The guard of a started container: it is killed once it writes too much or runs too long.

In a thread of its own, since the watcher waits for what the image's programs answer. Engines bound
neither: a limit on the writable layer needs a file system with quotas, and one on the size of files
breaks .NET. So the size is asked for again and again, and what is written between two answers comes
on top.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from bot.adapters.docker.engine import DockerEngine
from bot.adapters.docker.engine_errors import engine_errors
from bot.errors import ReviewError

_POLL_INTERVAL_S = 0.5
# Sizes of volumes are those of all volumes of the engine: asking must not become its main work.
_PAUSE_FACTOR = 2
_THREAD_END_S = 5
_LAST_DF_VERSION = 44  # of version 1 of the API; later ones describe volumes otherwise
_MEGABYTE = 1_000_000


class ContainerGuard:
    """The guard of one container; `problem` says why it was killed, and is empty otherwise."""

    def __init__(
        self, engine: DockerEngine, container_id: str, max_written_bytes: int, time_limit_s: float
    ) -> None:
        """Take a container that has not been started yet: what it has now is the image's."""
        self._engine, self._container_id = engine, container_id
        self._max_written_bytes, self._time_limit_s = max_written_bytes, time_limit_s
        self._ended = threading.Event()
        self.problem = ""
        with engine_errors("describe the container"):
            self._volumes = _list_volumes(engine.client.api.inspect_container(container_id))
            self._first_bytes = self._measure()

    def watch(self) -> None:
        """Watch until `stop` is called, or the container has to be killed."""
        end_s, pause_s = time.monotonic() + self._time_limit_s, _POLL_INTERVAL_S
        while not self.problem and not self._ended.wait(pause_s):
            asked_s = time.monotonic()
            # An engine that does not answer now may do so the next time.
            with suppress(ReviewError, OSError), engine_errors("measure the container"):
                if self._measure() - self._first_bytes > self._max_written_bytes:
                    shown = f"{self._max_written_bytes / _MEGABYTE:,.0f} MB"
                    self.problem = f"it was stopped: it wrote more than {shown} to disk"
            if not self.problem and time.monotonic() > end_s:
                self.problem = f"it was stopped: it did not end within {self._time_limit_s:.0f} s"
            pause_s = max(_POLL_INTERVAL_S, _PAUSE_FACTOR * (time.monotonic() - asked_s))
        if self.problem:
            self._kill()

    def stop(self) -> None:
        """End the watch."""
        self._ended.set()

    def _kill(self) -> None:
        """Kill the container, which may have ended already."""
        with suppress(ReviewError, OSError), engine_errors("kill the container"):
            self._engine.client.api.kill(self._container_id)

    def _measure(self) -> int:
        """Return the bytes of the writable layer and of the container's own volumes."""
        filters = {"id": self._container_id}
        rows = self._engine.client.api.containers(all=True, size=True, filters=filters)
        layer_bytes = sum(int(row.get("SizeRw") or 0) for row in rows)
        return layer_bytes + (_measure_volumes(self._engine, self._volumes) if self._volumes else 0)


@contextmanager
def guarded_container(
    engine: DockerEngine, container_id: str, max_written_bytes: int, time_limit_s: float
) -> Iterator[ContainerGuard]:
    """Guard a container that was created, until the end of the block."""
    guard = ContainerGuard(engine, container_id, max_written_bytes, time_limit_s)
    thread = threading.Thread(target=guard.watch, daemon=True)
    thread.start()
    try:
        yield guard
    finally:
        guard.stop()
        thread.join(_THREAD_END_S)


def _list_volumes(description: Mapping[str, Any]) -> frozenset[str]:
    mounts = description.get("Mounts") or ()
    return frozenset(str(mount.get("Name")) for mount in mounts if mount.get("Type") == "volume")


def _measure_volumes(engine: DockerEngine, names: frozenset[str]) -> int:
    """Return the bytes of some volumes; the SDK's `df` would measure images and caches as well."""
    api = engine.client.api
    minor = min(int(str(api.api_version).rpartition(".")[2]), _LAST_DF_VERSION)
    answer = api.get(f"{api.base_url}/v1.{minor}/system/df", params={"type": "volume"})
    answer.raise_for_status()
    volumes = answer.json().get("Volumes") or ()
    sizes = (
        int((volume.get("UsageData") or {}).get("Size") or 0)
        for volume in volumes
        if volume.get("Name") in names
    )
    # -1 is that of a volume of another driver than `local` (Engine API, VolumeUsageData).
    return sum(size for size in sizes if size > 0)
