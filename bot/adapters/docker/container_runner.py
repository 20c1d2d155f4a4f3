"""Runs images of the engine without a network and under limits, and watches them.

Nothing of the machine is shared (see `container_limits`). Ports are probed from a second container
in the network of the first (its own loopback, and nothing else), which has the tools: so an image
without a shell can be watched, also on an engine on another machine. With services, the second
container comes first, and all others join its network.
"""

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import docker

from bot.adapters.docker.caged_containers import NO_NETWORK, CagedContainers
from bot.adapters.docker.container_limits import LIMITS, ContainerLimits
from bot.adapters.docker.container_output import read_logs
from bot.adapters.docker.container_watch import POLL_INTERVAL_S, ContainerWatch
from bot.adapters.docker.engine_errors import ENGINE_ERRORS, describe_refusal, engine_errors
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.docker.health_checks import has_health_check, make_health_check
from bot.adapters.docker.port_probe import CannotProbe, PortProbe, ProbeRefused
from bot.adapters.docker.service_containers import (
    START_TIMEOUT_S,
    ServiceStarter,
    StartedServices,
    list_exposed_ports,
)
from bot.adapters.docker.service_images import ServiceFailure, ServiceImages
from bot.adapters.docker.variable_file import add_variable_file
from bot.line.pins import Pins
from bot.model.container_run import ContainerRun
from bot.model.start_settings import NO_SETTINGS, StartSettings

# Of two runs, the beginnings are compared: a server's log begins with what it says of its start.
_MAX_OUTPUT_BYTES = 256 << 10
# The watcher may take twice the time on a slow engine. A probe that does not answer is killed
# first, so that the container is not blamed for it.
_PROBE_MARGIN_S, _GUARD_MARGIN_S = 10.0, 20.0
_LATE_EVENT_S = 1.0


@dataclass(frozen=True, slots=True)
class _RunRequest:
    """The arguments of `DockerContainerRunner.run`."""

    reference: str
    probe_image: str
    arguments: tuple[str, ...]
    timeout_s: float
    paths: tuple[str, ...]
    opens_input: bool
    settings: StartSettings

    @property
    def time_limit_s(self) -> float:
        """The seconds after which the container is killed."""
        return 2 * self.timeout_s + _GUARD_MARGIN_S

    def make_options(self, image_id: str, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of the SDK's `create_container` that depend on the image."""
        options: dict[str, Any] = {
            "image": image_id,
            "stdin_open": self.opens_input,
            "environment": dict(self.settings.variables),
        }
        if not self.arguments:
            return options | make_health_check(config)
        options |= {"entrypoint": [self.arguments[0]], "command": list(self.arguments[1:])}
        return options | make_health_check(config, ("NONE",))


class DockerContainerRunner:
    """The port `ContainerRunner`."""

    def __init__(
        self,
        handle: EngineHandle,
        limits: ContainerLimits = LIMITS,
        service_images: ServiceImages | None = None,
        service_timeout_s: float = START_TIMEOUT_S,
    ) -> None:
        """Without `service_images`, services are started of images that the engine has."""
        self._handle, self._limits = handle, limits
        self._cages = CagedContainers(handle)
        images = service_images or ServiceImages(handle, {}, lambda names, platform: Pins())
        self._services = ServiceStarter(self._cages, images, limits, service_timeout_s)

    @property
    def _client(self) -> docker.DockerClient:
        return self._handle.engine.client

    def run(
        self,
        reference: str,
        probe_image: str,
        arguments: Sequence[str] = (),
        timeout_s: float = 10,
        paths: Sequence[str] = (),
        *,
        opens_input: bool = False,
        settings: StartSettings = NO_SETTINGS,
    ) -> ContainerRun:
        """Run an image and return what it did; see the port."""
        request = _RunRequest(
            reference, probe_image, tuple(arguments), timeout_s, tuple(paths), opens_input, settings
        )
        start_time_s = time.monotonic()
        try:
            if not settings.services:
                return self._run(request, None)
            with self._services.start(
                settings.services, probe_image, request.time_limit_s
            ) as services:
                run = self._run(request, services)
                services.check_alive()
                return run
        except ServiceFailure as problem:
            seconds = time.monotonic() - start_time_s
            return ContainerRun(None, seconds=seconds, service_error=str(problem))
        except ENGINE_ERRORS as problem:
            seconds = time.monotonic() - start_time_s
            return ContainerRun(None, seconds=seconds, start_error=describe_refusal(problem))

    def _run(self, request: _RunRequest, services: StartedServices | None) -> ContainerRun:
        """Run an image, in the network of its services if it has some."""
        start_time_s = time.monotonic()
        # By ID from here on: a tag may be moved between this line and the start.
        image = self._handle.engine.get_image(request.reference)
        config = image.attrs.get("Config") or {}
        options = request.make_options(str(image.id), config)
        mode, ports = NO_NETWORK, frozenset[int]()
        if services:
            services.check_ports(list_exposed_ports(config), "the image")
            mode, ports = services.network_mode, frozenset(services.ports)
        with self._cages.create(options, self._limits, request.time_limit_s, mode) as cage:
            container, guard = cage
            add_variable_file(self._client.api, container, config, request.settings)
            self._client.api.start(container)
            has_arguments, has_check = bool(request.arguments), has_health_check(config)
            name = request.settings.host_name
            watch = ContainerWatch(request.timeout_s, has_arguments, has_check, ports, name)
            self._watch(container, request, watch, services.probe if services else None)
            watch.problem = guard.problem or watch.problem
            return watch.to_run(self._read_output(container), time.monotonic() - start_time_s)

    def _watch(
        self,
        container_id: str,
        request: _RunRequest,
        watch: ContainerWatch,
        port_probe: PortProbe | None,
    ) -> None:
        """Watch a container until it ends, its ports are stable, or the time is up.

        The paths are requested last, when it has had time to start.
        """
        network_mode = f"container:{container_id}"
        time_limit_s = 2 * watch.timeout_s + _PROBE_MARGIN_S
        with contextlib.ExitStack() as stack:
            while not self._update_state(container_id, watch):
                with watch.excuse_slow_engine():
                    if watch.is_probe_due:
                        port_probe = port_probe or stack.enter_context(
                            self._cages.open_port_probe(
                                request.probe_image, time_limit_s, network_mode
                            )
                        )
                        self._probe_ports(container_id, port_probe, watch)
                if watch.is_done:
                    break
                time.sleep(POLL_INTERVAL_S)
            if port_probe and watch.exit_code is None:
                watch.request_routes(port_probe, request.paths)

    def _update_state(self, container_id: str, watch: ContainerWatch) -> bool:
        """Take over the engine's state of a container; return True if nothing more is expected."""
        with engine_errors("describe the container"), watch.excuse_slow_engine():
            watch.update_state(self._client.api.inspect_container(container_id)["State"])
            if watch.may_lack_memory:
                # The engine may learn of the lack of memory after the end of the container.
                time.sleep(_LATE_EVENT_S)
                watch.update_state(self._client.api.inspect_container(container_id)["State"])
        return watch.is_done

    def _probe_ports(self, container_id: str, port_probe: PortProbe, watch: ContainerWatch) -> None:
        """Probe the ports; a refused probe is repeated with the next poll, while there is time.

        Raises CannotProbe, unless the container has just ended: not to have seen a port is not
        the same as that there is none.
        """
        try:
            watch.update_ports(port_probe)
        except CannotProbe as problem:
            may_repeat = isinstance(problem, ProbeRefused) and not watch.is_overdue
            if not may_repeat and not self._update_state_of_ended(container_id, watch):
                raise

    def _update_state_of_ended(self, container_id: str, watch: ContainerWatch) -> bool:
        self._update_state(container_id, watch)
        return watch.exit_code is not None

    def _read_output(self, container_id: str) -> str:
        """Return its stdout and stderr, the first 256 KiB."""
        output = read_logs(self._client.api, container_id, _MAX_OUTPUT_BYTES)
        return output.decode(errors="replace")
