"""Runs images of the engine without a network and under limits, and watches them.

Nothing of the machine is shared (see `container_limits`). Ports are probed from a second container
in the network of the first (its own loopback, and nothing else), which has the tools: so an image
without a shell can be watched, also on an engine on another machine.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import docker
from docker.errors import APIError, DockerException
from requests import RequestException
from urllib3.exceptions import HTTPError

from bot.adapters.docker.container_guard import ContainerGuard, guarded_container
from bot.adapters.docker.container_limits import (
    ENVIRONMENT,
    HOSTNAME,
    LIMITS,
    PROBE_LIMITS,
    ContainerLimits,
    check_limits,
    make_host_options,
)
from bot.adapters.docker.container_output import read_logs
from bot.adapters.docker.container_watch import POLL_INTERVAL_S, ContainerWatch
from bot.adapters.docker.containers import temporary_container
from bot.adapters.docker.engine_errors import describe_refusal, engine_errors
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.docker.port_probe import CannotProbe, PortProbe, ProbeRefused
from bot.adapters.docker.variable_file import add_variable_file
from bot.errors import ReviewError
from bot.model.container_run import ContainerRun
from bot.model.start_settings import NO_SETTINGS, StartSettings

RUN_LABEL = "image-size-review.start"
# Of two runs, the beginnings are compared: a server's log begins with what it says of its start.
_MAX_OUTPUT_BYTES = 256 << 10
_NANOSECONDS_PER_SECOND = 1_000_000_000
# The watcher may take twice the time on a slow engine. A probe that does not answer is killed
# first, so that the container is not blamed for it.
_PROBE_MARGIN_S, _GUARD_MARGIN_S = 10.0, 20.0
_LATE_EVENT_S = 1.0
_ENGINE_ERRORS = (APIError, DockerException, RequestException, HTTPError, OSError, ReviewError)


class DockerContainerRunner:
    """The port `ContainerRunner`."""

    def __init__(self, handle: EngineHandle, limits: ContainerLimits = LIMITS) -> None:
        self._handle, self._limits = handle, limits

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
        start_time_s = time.monotonic()
        try:
            # By ID from here on: a tag may be moved between this line and the start.
            image = self._handle.engine.get_image(reference)
            config = image.attrs.get("Config") or {}
            options = _make_options(str(image.id), config, arguments)
            options["stdin_open"] = opens_input
            options["environment"] = dict(settings.variables)
            time_limit_s = 2 * timeout_s + _GUARD_MARGIN_S
            with self._create_container(options, self._limits, time_limit_s) as (container, guard):
                add_variable_file(self._client.api, container, config, settings)
                self._client.api.start(container)
                watch = ContainerWatch(timeout_s, bool(arguments), _has_health_check(config))
                self._watch(container, probe_image, watch, paths)
                watch.problem = guard.problem or watch.problem
                return watch.to_run(self._read_output(container), time.monotonic() - start_time_s)
        except _ENGINE_ERRORS as problem:
            seconds = time.monotonic() - start_time_s
            return ContainerRun(None, seconds=seconds, start_error=describe_refusal(problem))

    @contextmanager
    def _create_container(
        self,
        options: Mapping[str, Any],
        limits: ContainerLimits,
        time_limit_s: float,
        network_mode: str = "none",
    ) -> Iterator[tuple[str, ContainerGuard]]:
        """Create a container that is guarded, and always removed afterwards."""
        engine = self._handle.engine
        check_limits(engine.product, engine.info)
        host = self._client.api.create_host_config(**make_host_options(limits, network_mode))
        named = {"hostname": HOSTNAME} if network_mode == "none" else {}
        # Last: what a project sets must not ask for devices.
        environment = {**options.get("environment", {}), **ENVIRONMENT}
        with (
            temporary_container(
                engine,
                **{**options, **named, "environment": environment},
                host_config=host,
                labels=[RUN_LABEL],
            ) as container_id,
            guarded_container(
                engine, container_id, limits.max_written_bytes, time_limit_s
            ) as guard,
        ):
            yield container_id, guard

    def _watch(
        self, container_id: str, probe_image: str, watch: ContainerWatch, paths: Sequence[str]
    ) -> None:
        """Watch a container until it ends, its ports are stable, or the time is up.

        The paths are requested last, when it has had time to start.
        """
        port_probe: PortProbe | None = None
        with contextlib.ExitStack() as stack:
            while not self._update_state(container_id, watch):
                with watch.excuse_slow_engine():
                    if watch.is_probe_due:
                        port_probe = port_probe or stack.enter_context(
                            self._open_port_probe(container_id, probe_image, watch.timeout_s)
                        )
                        self._probe_ports(container_id, port_probe, watch)
                if watch.is_done:
                    break
                time.sleep(POLL_INTERVAL_S)
            if port_probe and watch.exit_code is None:
                watch.request_routes(port_probe, paths)

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

    @contextmanager
    def _open_port_probe(
        self, container_id: str, probe_image: str, timeout_s: float
    ) -> Iterator[PortProbe]:
        """Start a second container in the network of the first; its image is no more trusted."""
        options = {
            "image": str(self._handle.engine.get_image(probe_image).id),
            "entrypoint": ["/bin/sh", "-c"],
            # A loop of the shell, since `sleep infinity` is not POSIX.
            "command": ["while :; do sleep 1; done"],
            "user": "0",
            "healthcheck": {"test": ["NONE"]},
        }
        network_mode = f"container:{container_id}"
        time_limit_s = 2 * timeout_s + _PROBE_MARGIN_S
        with self._create_container(options, PROBE_LIMITS, time_limit_s, network_mode) as (
            probe_id,
            _,
        ):
            try:
                self._client.api.start(probe_id)
            except APIError as problem:
                # The watched container may have ended meanwhile; then there is nothing to probe.
                if self._client.api.inspect_container(container_id)["State"].get("Running"):
                    raise CannotProbe(
                        f"the probe needs a shell: {problem.explanation}"
                    ) from problem
            yield PortProbe(self._client, probe_id)

    def _read_output(self, container_id: str) -> str:
        """Return its stdout and stderr, the first 256 KiB."""
        output = read_logs(self._client.api, container_id, _MAX_OUTPUT_BYTES)
        return output.decode(errors="replace")


def _make_options(
    image_id: str, config: Mapping[str, Any], arguments: Sequence[str]
) -> dict[str, Any]:
    """Return the arguments of the SDK's `create_container` that depend on the image."""
    options: dict[str, Any] = {"image": image_id}
    if arguments:
        options |= {"entrypoint": [arguments[0]], "command": list(arguments[1:])}
        options["healthcheck"] = {"test": ["NONE"]}
    elif _has_health_check(config):
        # The test is the image's own; the interval is shorter, and no failure is final.
        timing = {
            "interval": _NANOSECONDS_PER_SECOND,
            # Zero means the image's own, and a millisecond is the least beside it (Engine API).
            "start_period": _NANOSECONDS_PER_SECOND // 1000,
            "retries": 1000,
        }
        options["healthcheck"] = timing
    return options


def _has_health_check(config: Mapping[str, Any]) -> bool:
    test = (config.get("Healthcheck") or {}).get("Test") or ["NONE"]
    return bool(test[0] != "NONE")
