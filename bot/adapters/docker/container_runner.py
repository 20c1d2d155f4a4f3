"""Runs images of the engine without a network and under limits, and watches them.

Nothing of the machine is shared. Ports are probed from a second container in the network of the
first (its own loopback, and nothing else), which has the tools: so an image without a shell can
be watched, also on an engine on another machine.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import docker
from docker.errors import APIError, DockerException
from requests import RequestException
from urllib3.exceptions import HTTPError

from bot.adapters.docker.containers import temporary_container
from bot.adapters.docker.engine_errors import describe_refusal, engine_errors
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.docker.port_probe import (
    CannotProbe,
    PortProbe,
    ProbeRefused,
    is_stable,
    mark_varying,
)
from bot.errors import ReviewError
from bot.model.container_run import ContainerRun, PortResponse

RUN_LABEL = "image-size-review.start"
_POLL_INTERVAL_S = 0.15
# `app --version` ends by itself: its ports are not probed before.
_COMMAND_GRACE_S = 1.5
# By the second equal poll, most answers that vary have done so.
_STABLE_POLLS = 2
_MAX_OUTPUT_BYTES = 256 << 10
_NANOSECONDS_PER_SECOND = 1_000_000_000
_REQUEST_S = 0.5  # what a request to an engine takes at most that has nothing else to do
_REPEAT_REFUSED_S = 5.0
_ENGINE_ERRORS = (APIError, DockerException, RequestException, HTTPError, OSError, ReviewError)


@dataclass(frozen=True, slots=True)
class ContainerLimits:
    """The limits of a container: memory in bytes, processes, cores."""

    memory_bytes: int = 2 << 30
    max_processes: int = 1024
    cores: float = 2.0


class DockerContainerRunner:
    """The port `ContainerRunner`."""

    def __init__(self, handle: EngineHandle, limits: ContainerLimits = ContainerLimits()) -> None:
        self._handle, self._limits = handle, limits

    @property
    def _client(self) -> docker.DockerClient:
        return self._handle.engine.client

    def run(
        self, reference: str, probe_image: str, arguments: Sequence[str] = (), timeout_s: float = 10
    ) -> ContainerRun:
        """Run an image and return what it did; see the port."""
        start_time_s = time.monotonic()
        try:
            image = self._handle.engine.get_image(reference)
            config = image.attrs.get("Config") or {}
            with self._create_container(
                self._make_options(str(image.id), config, arguments)
            ) as container:
                self._client.api.start(container)
                watch = _ContainerWatch(timeout_s, bool(arguments), _has_health_check(config))
                self._watch(container, probe_image, watch)
                return watch.to_run(self._read_output(container), time.monotonic() - start_time_s)
        except _ENGINE_ERRORS as problem:
            seconds = time.monotonic() - start_time_s
            return ContainerRun(None, seconds=seconds, start_error=describe_refusal(problem))

    def _make_options(
        self, image_id: str, config: Mapping[str, Any], arguments: Sequence[str]
    ) -> dict[str, Any]:
        """Return the arguments of the SDK's `create_container`."""
        options: dict[str, Any] = {"image": image_id}
        if arguments:
            options |= {"entrypoint": [arguments[0]], "command": list(arguments[1:])}
            options["healthcheck"] = {"test": ["NONE"]}
        elif _has_health_check(config):
            # The test is the image's own; the interval is shorter, and no failure is final.
            timing = {
                "interval": _NANOSECONDS_PER_SECOND,
                "start_period": _NANOSECONDS_PER_SECOND // 1000,
                "retries": 1000,
            }
            options["healthcheck"] = timing
        host = {
            "network_mode": "none",
            "mem_limit": self._limits.memory_bytes,
            "memswap_limit": self._limits.memory_bytes,
            "pids_limit": self._limits.max_processes,
            "nano_cpus": int(self._limits.cores * 1e9),
            "security_opt": ["no-new-privileges"],
            "init": False,
            "log_config": {"Type": "json-file", "Config": {"max-size": "8m"}},
        }
        return {**options, "host_config": host}

    def _create_container(self, options: dict[str, Any]) -> AbstractContextManager[str]:
        """Create a container that is always removed afterwards."""
        host = self._client.api.create_host_config(**options.pop("host_config"))
        return temporary_container(
            self._handle.engine, **options, host_config=host, labels=[RUN_LABEL]
        )

    def _watch(self, container_id: str, probe_image: str, watch: "_ContainerWatch") -> None:
        """Watch a container until it ends, its ports are stable, or the time is up."""
        port_probe: PortProbe | None = None
        with contextlib.ExitStack() as stack:
            while not self._update_state(container_id, watch):
                with watch.excuse_slow_engine():
                    if watch.is_probe_due:
                        port_probe = port_probe or stack.enter_context(
                            self._open_port_probe(container_id, probe_image)
                        )
                        self._probe_ports(container_id, port_probe, watch)
                if watch.is_done:
                    return
                time.sleep(_POLL_INTERVAL_S)

    def _update_state(self, container_id: str, watch: "_ContainerWatch") -> bool:
        """Take over the engine's state of a container; return True if nothing more is expected."""
        with engine_errors("describe the container"), watch.excuse_slow_engine():
            watch.update_state(self._client.api.inspect_container(container_id)["State"])
        return watch.is_done

    def _probe_ports(
        self, container_id: str, port_probe: PortProbe, watch: "_ContainerWatch"
    ) -> None:
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

    def _update_state_of_ended(self, container_id: str, watch: "_ContainerWatch") -> bool:
        self._update_state(container_id, watch)
        return watch.exit_code is not None

    @contextmanager
    def _open_port_probe(self, container_id: str, probe_image: str) -> Iterator[PortProbe]:
        """Start a second container in the network of the first."""
        options = {
            "image": str(self._handle.engine.get_image(probe_image).id),
            "entrypoint": ["/bin/sh", "-c"],
            "command": ["while :; do sleep 1; done"],
            "user": "0",
            "healthcheck": {"test": ["NONE"]},
            "host_config": {
                "network_mode": f"container:{container_id}",
                "mem_limit": 512 << 20,
                "pids_limit": 256,
            },
        }
        with self._create_container(options) as probe_id:
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
        output = bytearray()
        api = self._client.api
        stream = api.logs(container_id, stdout=True, stderr=True, stream=True, follow=False)
        try:
            for chunk in stream:
                output += chunk
                if len(output) >= _MAX_OUTPUT_BYTES:
                    break
        finally:
            stream.close()
        return bytes(output[:_MAX_OUTPUT_BYTES]).decode(errors="replace")


@dataclass
class _ContainerWatch:
    """The observations of a container so far, and whether they suffice."""

    timeout_s: float
    has_arguments: bool
    has_health_check: bool
    exit_code: int | None = None
    health_status: str = ""
    problem: str = ""
    ports: tuple[int, ...] = ()
    loopback_ports: tuple[int, ...] = ()
    responses: Mapping[int, PortResponse] = field(default_factory=dict)
    stable_polls: int = 0
    excused_s: float = 0.0
    is_probed: bool = True
    start_time_s: float = field(default_factory=time.monotonic)

    def update_state(self, state: Mapping[str, Any]) -> None:
        """Take over health and exit code of the engine's state."""
        self.health_status = str((state.get("Health") or {}).get("Status") or "")
        if state.get("Status") in {"exited", "dead"}:
            self.exit_code = int(state.get("ExitCode") or 0)
            self.problem = "out of memory" if state.get("OOMKilled") else ""

    @contextmanager
    def excuse_slow_engine(self) -> Iterator[None]:
        """Add what a request takes too long to the container's time, up to as much again."""
        before_s = time.monotonic()
        yield
        late_s = time.monotonic() - before_s - _REQUEST_S
        self.excused_s = min(self.timeout_s, self.excused_s + max(0.0, late_s))

    def update_ports(self, port_probe: PortProbe) -> None:
        """Take over ports and responses, and count how often they stayed the same."""
        self.is_probed = False
        ports, loopback_ports = port_probe.list_ports()
        responses = {
            port: mark_varying(self.responses.get(port), port_probe.http_get(port))
            for port in (*ports, *loopback_ports)
        }
        before = (self.ports, self.loopback_ports, self.responses)
        stable = bool(responses) and is_stable(before, (ports, loopback_ports, responses))
        self.stable_polls = self.stable_polls + 1 if stable else 0
        self.ports, self.loopback_ports, self.responses = ports, loopback_ports, responses
        self.is_probed = True

    @property
    def is_probe_due(self) -> bool:
        """Return True if the ports are to be probed; a command first gets time to end."""
        return time.monotonic() - self.start_time_s > (
            _COMMAND_GRACE_S if self.has_arguments else 2 * _POLL_INTERVAL_S
        )

    @property
    def is_done(self) -> bool:
        """Return True if it has ended, its ports are stable, or the time is up.

        A probe that was refused is repeated until it is overdue.
        """
        if self.exit_code is not None:
            return True
        if self._late_s > 0 and self.is_probed:
            return True
        return (
            self.is_probed
            and self.stable_polls >= _STABLE_POLLS
            and (not self.has_health_check or self.health_status == "healthy")
        )

    @property
    def is_overdue(self) -> bool:
        """Return True if a refused probe is not repeated any more."""
        return self._late_s > _REPEAT_REFUSED_S

    @property
    def _late_s(self) -> float:
        return time.monotonic() - self.start_time_s - self.timeout_s - self.excused_s

    def to_run(self, output: str, seconds: float) -> ContainerRun:
        """Return the observations as a result."""
        health = self.health_status
        if health == "starting":
            health = "unhealthy"
        return ContainerRun(
            exit_code=self.exit_code,
            output=output,
            ports=self.ports,
            loopback_ports=self.loopback_ports,
            responses=self.responses,
            health_status="" if health == "none" else health,
            seconds=seconds,
            start_error=self.problem,
        )


def _has_health_check(config: Mapping[str, Any]) -> bool:
    test = (config.get("Healthcheck") or {}).get("Test") or ["NONE"]
    return bool(test[0] != "NONE")
