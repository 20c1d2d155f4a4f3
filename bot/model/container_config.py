"""The part of an image's config that a container is started with."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A health check: `test` as in the config (`CMD`, … or `CMD-SHELL`, text)."""

    test: tuple[str, ...]
    interval_ns: int = 0
    timeout_ns: int = 0
    start_period_ns: int = 0
    retries: int = 0


@dataclass(frozen=True, slots=True)
class ContainerConfig:
    """The `Config` of `docker inspect`, named after the Dockerfile's instructions.

    `exposed_ports` and `volumes` are sorted. A setting that is missing is empty or None.
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
        """The command line of a container that is started without arguments."""
        return (*self.entrypoint, *self.command)
