"""The engine of a run, connected to only when something needs it.

Apart from engine.py, since it must not import the Docker SDK: that takes a tenth of a second, and a
review without a changed image, or `measure` of an archive, needs no engine.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.adapters.docker.engine import DockerEngine


class EngineHandle:
    """The engine that an environment names."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    @cached_property
    def engine(self) -> DockerEngine:
        """Return the engine; raise EngineUnavailableError if none answers."""
        from bot.adapters.docker.engine import DockerEngine

        return DockerEngine(self._environment)
