"""Services beside an image, such as its database, each in a cage like that of the image.

All are in the network of the container that requests ports, where every service's name is the
loopback. They are made anew for each run, so that no run sees what another one wrote.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from docker.models.images import Image

from bot.adapters.docker.caged_containers import CagedContainers
from bot.adapters.docker.container_guard import ContainerGuard
from bot.adapters.docker.container_limits import LIMITS, ContainerLimits
from bot.adapters.docker.container_output import read_logs
from bot.adapters.docker.engine_errors import ENGINE_ERRORS, describe_refusal
from bot.adapters.docker.health_checks import has_health_check, make_health_check
from bot.adapters.docker.port_probe import PortProbe, ProbeRefused
from bot.adapters.docker.service_images import ServiceFailure, ServiceImages
from bot.adapters.docker.variable_file import make_archive
from bot.model.service_container import ServiceContainer

START_TIMEOUT_S = 120.0  # for all services together
_POLL_INTERVAL_S = 0.25
# A database that is set up may listen, stop and listen again.
_STABLE_POLLS = 4
# A service that listens nowhere is ready when it has lived for as long.
_SILENT_POLLS = 12
_MAX_OUTPUT_BYTES = 64 << 10
_MAX_LINE_LENGTH = 200


@dataclass
class _StartedService:
    """A service that was started: its container, its guard, and the ports of its image."""

    service: ServiceContainer
    container_id: str
    guard: ContainerGuard
    config: Mapping[str, Any]
    exposed: frozenset[int]
    polls: int = 0
    ports: frozenset[int] = frozenset()
    is_done: bool = False


@dataclass
class StartedServices:
    """The services of one run; they live as long as their context.

    `ports` are those that belong to them, by the service that they are of.
    """

    client: Any
    probe: PortProbe
    network_mode: str
    ports: dict[int, str] = field(default_factory=dict)
    started: list[_StartedService] = field(default_factory=list)

    def check_ports(self, ports: frozenset[int], label: str) -> None:
        """Raise ServiceFailure if ports that something else is about to use are a service's."""
        for port in sorted(ports & self.ports.keys()):
            raise ServiceFailure(f"{label} uses port {port}, as {self.ports[port]} does")

    def check_alive(self) -> None:
        """Raise ServiceFailure if a service has ended, or had to be killed."""
        for entry in self.started:
            with _named(f"the service {entry.service.name}"):
                if not entry.is_done:
                    _check_state(self.client, entry)


class ServiceStarter:
    """Starts the services of a run."""

    def __init__(
        self,
        cages: CagedContainers,
        images: ServiceImages,
        limits: ContainerLimits = LIMITS,
        timeout_s: float = START_TIMEOUT_S,
    ) -> None:
        """Take the time within which all services of a run must be ready."""
        self._cages, self._images, self._limits = cages, images, limits
        self._timeout_s = timeout_s

    @contextmanager
    def start(
        self, services: Sequence[ServiceContainer], probe_image: str, run_limit_s: float
    ) -> Iterator[StartedServices]:
        """Start services one after another, each once the one before it is ready.

        They live for `run_limit_s` after that. Raises ServiceFailure.
        """
        for service in services:
            if service.problem:
                raise ServiceFailure(f"the service {service.name}: {service.problem}")
        images = [self._provide(service) for service in services]
        hosts = tuple(dict.fromkeys(host for service in services for host in service.hosts))
        limit_s = self._timeout_s + run_limit_s
        with ExitStack() as stack:
            with _named("the services"):
                probe = stack.enter_context(
                    self._cages.open_port_probe(probe_image, limit_s, hosts=hosts)
                )
            mode = f"container:{probe.container_id}"
            services_up = StartedServices(self._cages.client, probe, mode)
            deadline_s = time.monotonic() + self._timeout_s
            for service, image in zip(services, images, strict=True):
                with _named(f"the service {service.name}"):
                    entry = self._create(stack, services_up, service, image, limit_s)
                    self._wait(services_up, entry, deadline_s)
            yield services_up

    def _provide(self, service: ServiceContainer) -> Image:
        with _named(f"the service {service.name}"):
            return self._images.provide(service.image)

    def _create(
        self,
        stack: ExitStack,
        services_up: StartedServices,
        service: ServiceContainer,
        image: Image,
        limit_s: float,
    ) -> _StartedService:
        """Create and start the container of a service, whose ports must be free."""
        client = self._cages.client
        config = image.attrs.get("Config") or {}
        exposed = list_exposed_ports(config) | frozenset(service.ports)
        services_up.check_ports(exposed, "it")
        options = _make_options(service, str(image.id), config)
        container_id, guard = stack.enter_context(
            self._cages.create(options, self._limits, limit_s, services_up.network_mode)
        )
        for path, text in service.files:
            is_script = text.startswith("#!")
            archive = make_archive(text.encode(), path.lstrip("/"), is_executable=is_script)
            client.api.put_archive(container_id, "/", archive)
        client.api.start(container_id)
        entry = _StartedService(service, container_id, guard, config, exposed)
        services_up.started.append(entry)
        return entry

    def _wait(
        self, services_up: StartedServices, entry: _StartedService, deadline_s: float
    ) -> None:
        """Wait until a service is ready; raise ServiceFailure if it ends, or takes too long."""
        while not self._is_ready(services_up, entry):
            if time.monotonic() > deadline_s:
                end = _quote_output(self._cages.client, entry)
                raise ServiceFailure(f"it is not ready within {self._timeout_s:.0f} s{end}")
            time.sleep(_POLL_INTERVAL_S)
        name = f"the service {entry.service.name}"
        services_up.ports |= dict.fromkeys(entry.ports | entry.exposed, name)

    def _is_ready(self, services_up: StartedServices, entry: _StartedService) -> bool:
        state = _check_state(self._cages.client, entry)
        if entry.is_done or entry.service.must_end:
            return entry.is_done
        entry.polls = entry.polls + 1 if self._is_listening(services_up, entry) else 0
        health = str((state.get("Health") or {}).get("Status") or "")
        if _has_check(entry) and health != "healthy":
            return False
        is_silent = not entry.exposed and not entry.ports and not _has_check(entry)
        return entry.polls >= (_SILENT_POLLS if is_silent else _STABLE_POLLS)

    def _is_listening(self, services_up: StartedServices, entry: _StartedService) -> bool:
        """Return True if its ports are the same as before, and one of them is open to others."""
        try:
            open_ports, loopback_ports = services_up.probe.list_ports()
        except ProbeRefused:
            return False
        before, entry.ports = (
            entry.ports,
            frozenset({*open_ports, *loopback_ports} - services_up.ports.keys()),
        )
        is_open = bool(entry.ports & {*open_ports}) or not entry.exposed
        return is_open and entry.ports == before


def list_exposed_ports(config: Mapping[str, Any]) -> frozenset[int]:
    """Return the TCP ports that an image exposes."""
    ports = (str(port).partition("/") for port in config.get("ExposedPorts") or ())
    return frozenset(
        int(number) for number, _, kind in ports if number.isdigit() and kind in {"", "tcp"}
    )


@contextmanager
def _named(label: str) -> Iterator[None]:
    """Turn what goes wrong with a service into a ServiceFailure that names it."""
    try:
        yield
    except ServiceFailure as problem:
        raise ServiceFailure(f"{label}: {problem}") from problem
    except ENGINE_ERRORS as problem:
        raise ServiceFailure(f"{label} cannot be started: {describe_refusal(problem)}") from problem


def _check_state(client: Any, entry: _StartedService) -> Mapping[str, Any]:
    """Return the engine's state of a service; raise ServiceFailure if it ended too early."""
    state: Mapping[str, Any] = client.api.inspect_container(entry.container_id)["State"]
    if state.get("Status") not in {"exited", "dead"}:
        return state
    status = int(state.get("ExitCode") or 0)
    # A job that prepares something, such as a bucket, has no port to wait for.
    entry.is_done = status == 0 and (entry.service.must_end or not entry.exposed)
    if not entry.is_done:
        why = entry.guard.problem or ("out of memory" if state.get("OOMKilled") else "")
        end = f" ({why})" if why else _quote_output(client, entry)
        raise ServiceFailure(f"it ended with status {status}{end}")
    return state


def _quote_output(client: Any, entry: _StartedService) -> str:
    """Return the last line that a service printed, in a clause; empty if there is none."""
    output = read_logs(client.api, entry.container_id, _MAX_OUTPUT_BYTES)
    lines = output.decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f": {last[:_MAX_LINE_LENGTH]}" if last else ""


def _has_check(entry: _StartedService) -> bool:
    return has_health_check(entry.config, entry.service.health_test)


def _make_options(
    service: ServiceContainer, image: str, config: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the arguments of the SDK's `create_container` that depend on a service."""
    options: dict[str, Any] = {"image": image, "environment": dict(service.variables)}
    # An entry point of a compose file drops the command of the image, as that of the engine does.
    if service.entrypoint is not None:
        options["entrypoint"] = list(service.entrypoint)
    if service.command is not None:
        options["command"] = list(service.command)
    if service.user:
        options["user"] = service.user
    return options | make_health_check(config, service.health_test)
