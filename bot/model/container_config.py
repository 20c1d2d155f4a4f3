"""How an image wants to be run: the part of its config that a container is started with."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A health check: `test` as the config has it (`CMD`, … or `CMD-SHELL`, text); times in ns."""

    test: tuple[str, ...]
    interval_ns: int = 0
    timeout_ns: int = 0
    start_period_ns: int = 0
    retries: int = 0


@dataclass(frozen=True, slots=True)
class ContainerConfig:
    """What `docker inspect` shows below `Config`, each under the name of its instruction.

    `ports` and `volumes` are sorted; what was never set is empty, or None.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    workdir: str = ""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    exposed_ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    health_check: HealthCheck | None = None
    stop_signal: str = ""
    shell: tuple[str, ...] = ()
    onbuild: tuple[str, ...] = ()

    @property
    def command_line(self) -> tuple[str, ...]:
        """The whole command line of a container that is given none."""
        return (*self.entrypoint, *self.command)
