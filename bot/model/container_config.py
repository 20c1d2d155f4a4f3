"""How an image wants to be run: the part of its config that a container is started with."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Health:
    """A health check: `test` as the config has it (`CMD`, … or `CMD-SHELL`, text); times in ns."""

    test: tuple[str, ...]
    interval: int = 0
    timeout: int = 0
    start_period: int = 0
    retries: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """What `docker inspect` shows below `Config`, each under the name of its instruction.

    `ports` and `volumes` are sorted; what was never set is empty, or None.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    workdir: str = ""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    health: Health | None = None
    stop_signal: str = ""
    shell: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        """The whole command line of a container that is given none."""
        return (*self.entrypoint, *self.command)
