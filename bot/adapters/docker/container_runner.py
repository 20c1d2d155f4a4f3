"""Runs images of the engine without a network and under limits, and watches them.

Nothing of the machine is shared. Ports are probed from a second container in the network of the
first (its own loopback, and nothing else), which has the tools: so an image without a shell can
be watched, also on an engine on another machine.
"""

import contextlib
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import docker
from docker.errors import APIError, DockerException
from requests import RequestException

from bot.adapters.docker.containers import temporary_container
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.docker.port_probe import CannotProbe, PortProbe, is_stable, mark_varying
from bot.model.container_run import ContainerRun, PortResponse

RUN_LABEL = "image-size-review.start"
_STALE_AFTER_S = 3600  # longer than any run: the process that created it was killed
_POLL_INTERVAL_S = 0.15
# `app --version` ends by itself: its ports are not probed before.
_COMMAND_GRACE_S = 1.5
# By the second equal poll, most answers that vary have done so.
_STABLE_POLLS = 2
_MAX_OUTPUT_BYTES = 256 << 10
_NANOSECONDS_PER_SECOND = 1_000_000_000
_ENGINE_ERRORS = (APIError, DockerException, RequestException, OSError)


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
        self._run_id = secrets.token_hex(6)
        self._removed_stale = False

    @property
    def _client(self) -> docker.DockerClient:
        return self._handle.engine.client

    def run(
        self, reference: str, probe_image: str, arguments: Sequence[str] = (), timeout_s: float = 10
    ) -> ContainerRun:
        """Run an image and return what it did; see the port."""
        self._remove_stale_containers()
        start_time_s = time.monotonic()
        try:
            image = self._handle.engine.get_image(reference)
            config = image.attrs.get("Config") or {}
            with self._create_container(
                self._make_options(str(image.id), config, arguments)
            ) as container:
                watch = _ContainerWatch(
                    start_time_s + timeout_s, bool(arguments), _has_health_check(config)
                )
                return self._start_and_watch(container, probe_image, watch, start_time_s)
        except _ENGINE_ERRORS as problem:
            text = str(getattr(problem, "explanation", None) or problem)
            return ContainerRun(
                None, seconds=time.monotonic() - start_time_s, start_error=text.strip()
            )

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
        labels = {RUN_LABEL: self._run_id}
        return temporary_container(self._client, **options, host_config=host, labels=labels)

    def _start_and_watch(
        self, container_id: str, probe_image: str, watch: "_ContainerWatch", start_time_s: float
    ) -> ContainerRun:
        """Start a container and watch it until it ends or its ports are stable."""
        self._client.api.start(container_id)
        port_probe: PortProbe | None = None
        with contextlib.ExitStack() as stack:
            while True:
                state = self._client.api.inspect_container(container_id)["State"]
                watch.update_state(state)
                if watch.is_done:
                    break
                if watch.is_probe_due:
                    port_probe = port_probe or stack.enter_context(
                        self._open_port_probe(container_id, probe_image)
                    )
                    if self._probe_ports(container_id, port_probe, watch):
                        break
                time.sleep(_POLL_INTERVAL_S)
        return watch.to_run(self._read_output(container_id), time.monotonic() - start_time_s)

    def _probe_ports(
        self, container_id: str, port_probe: PortProbe, watch: "_ContainerWatch"
    ) -> bool:
        """Probe the ports; return True if nothing more is expected.

        Raises CannotProbe, unless the container has just ended.
        """
        try:
            watch.update_ports(port_probe)
        except CannotProbe:
            if self._client.api.inspect_container(container_id)["State"].get("Running"):
                raise
        return watch.is_done

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

    def _remove_stale_containers(self) -> None:
        """Remove, once, containers of earlier runs that were killed."""
        if self._removed_stale:
            return
        self._removed_stale = True
        api = self._client.api
        for container in api.containers(all=True, filters={"label": RUN_LABEL}):
            age = datetime.now(UTC).timestamp() - float(container["Created"])
            if container["Labels"].get(RUN_LABEL) != self._run_id and age > _STALE_AFTER_S:
                with contextlib.suppress(APIError):
                    api.remove_container(container["Id"], v=True, force=True)


@dataclass
class _ContainerWatch:
    """The observations of a container so far, and whether they suffice."""

    deadline_s: float
    has_arguments: bool
    has_health_check: bool
    exit_code: int | None = None
    health_status: str = ""
    problem: str = ""
    ports: tuple[int, ...] = ()
    loopback_ports: tuple[int, ...] = ()
    responses: Mapping[int, PortResponse] = field(default_factory=dict)
    stable_polls: int = 0
    start_time_s: float = field(default_factory=time.monotonic)

    def update_state(self, state: Mapping[str, Any]) -> None:
        """Take over health and exit code of the engine's state."""
        self.health_status = str((state.get("Health") or {}).get("Status") or "")
        if state.get("Status") in {"exited", "dead"}:
            self.exit_code = int(state.get("ExitCode") or 0)
            self.problem = "out of memory" if state.get("OOMKilled") else ""

    def update_ports(self, port_probe: PortProbe) -> None:
        """Take over ports and responses, and count how often they stayed the same."""
        ports, loopback_ports = port_probe.list_ports()
        responses = {
            port: mark_varying(self.responses.get(port), port_probe.http_get(port))
            for port in (*ports, *loopback_ports)
        }
        before = (self.ports, self.loopback_ports, self.responses)
        stable = bool(responses) and is_stable(before, (ports, loopback_ports, responses))
        self.stable_polls = self.stable_polls + 1 if stable else 0
        self.ports, self.loopback_ports, self.responses = ports, loopback_ports, responses

    @property
    def is_probe_due(self) -> bool:
        """Return True if the ports are to be probed; a command first gets time to end."""
        return time.monotonic() - self.start_time_s > (
            _COMMAND_GRACE_S if self.has_arguments else 2 * _POLL_INTERVAL_S
        )

    @property
    def is_done(self) -> bool:
        """Return True if it has ended, its ports are stable, or the time is up."""
        if self.exit_code is not None or time.monotonic() > self.deadline_s:
            return True
        return self.stable_polls >= _STABLE_POLLS and (
            not self.has_health_check or self.health_status == "healthy"
        )

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
