"""The engine of a run, connected to only when something needs it.

Apart from engine.py, since it must not import the Docker SDK: that takes a tenth of a second, and a
review without a changed image, or `measure` of an archive, needs no engine.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from bot.adapters.temporary_folders import NO_PROCESSES, OtherProcesses
from bot.errors import EngineUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.adapters.docker.engine import DockerEngine


class EngineHandle:
    """The engine that an environment names.

    `others` are the processes of this machine that may have left something in it.
    """

    def __init__(
        self, environment: Mapping[str, str], others: OtherProcesses = NO_PROCESSES
    ) -> None:
        self._environment, self._others = environment, others
        self._is_swept = False

    @cached_property
    def engine(self) -> DockerEngine:
        """Return the engine; raise EngineUnavailableError if none answers."""
        from bot.adapters.docker.engine import DockerEngine

        return DockerEngine(self._environment)

    @property
    def is_connected(self) -> bool:
        """True if something needed the engine, and it answered."""
        return "engine" in self.__dict__

    def connect(self) -> None:
        """Connect to the engine; raise EngineUnavailableError if none answers."""
        _ = self.engine

    def sweep(self) -> None:
        """Remove, once, what dead runs left in the engine."""
        if not self._is_swept:
            self._is_swept = True
            self.engine.sweep(self._others)

    def close(self) -> None:
        """End the use of the engine; without a known dead run it is not connected to for that.

        Nor is it after Ctrl-C: an engine that does not answer would keep the run from ending.
        """
        is_interrupted = isinstance(sys.exc_info()[1], KeyboardInterrupt)
        if self._others.dead and not is_interrupted:
            with suppress(EngineUnavailableError):
                self.sweep()
        if self.is_connected:
            self.engine.close()
