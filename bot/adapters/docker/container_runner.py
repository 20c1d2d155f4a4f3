"""Starts images of the engine without a network and under limits, and looks what they do.

Nothing of the machine is handed in. The looks come from beside: a second container shares the
network of the first (its own loopback, and nothing else) and brings the tools, so that an image
without a shell can be watched, and an engine on another machine too.
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
_STALE_AFTER_S = 3600  # seconds after which a container of ours belongs to nobody any more
_POLL_INTERVAL_S = 0.15
_COMMAND_GRACE_S = (
    1.5  # seconds that a command with arguments has to end before its ports are looked at
)
_STABLE_POLLS = (
    2  # times that all must be as it was before; by then an answer that varies mostly has
)
_MAX_OUTPUT_BYTES = 256 << 10
_NANOSECONDS_PER_SECOND = 1_000_000_000
_ENGINE_ERRORS = (APIError, DockerException, RequestException, OSError)


@dataclass(frozen=True, slots=True)
class ContainerLimits:
    """What a container may use: memory in bytes, processes, cores."""

    memory_bytes: int = 2 << 30
    max_processes: int = 1024
    cores: float = 2.0


class DockerContainerRunner:
    """The port `ContainerRunner`."""

    def __init__(self, handle: EngineHandle, limits: ContainerLimits = ContainerLimits()) -> None:
        """Asks nothing yet."""
        self._handle, self._limits = handle, limits
        self._run_id = secrets.token_hex(6)
        self._removed_stale = False

    @property
    def _client(self) -> docker.DockerClient:
        return self._handle.engine.client

    def run(
        self, reference: str, probe_image: str, arguments: Sequence[str] = (), timeout_s: float = 10
    ) -> ContainerRun:
        """What a container does; see the port."""
        self._remove_stale_containers()
        began = time.monotonic()
        try:
            image = self._handle.engine.get_image(reference)
            config = image.attrs.get("Config") or {}
            with self._create_container(
                self._make_options(str(image.id), config, arguments)
            ) as container:
                watch = _ContainerWatch(
                    began + timeout_s, bool(arguments), _has_health_check(config)
                )
                return self._start_and_watch(container, probe_image, watch, began)
        except _ENGINE_ERRORS as problem:
            text = str(getattr(problem, "explanation", None) or problem)
            return ContainerRun(None, seconds=time.monotonic() - began, start_error=text.strip())

    def _make_options(
        self, image_id: str, config: Mapping[str, Any], arguments: Sequence[str]
    ) -> dict[str, Any]:
        """The arguments of the SDK's `create_container`."""
        options: dict[str, Any] = {"image": image_id}
        if arguments:
            options |= {"entrypoint": [arguments[0]], "command": list(arguments[1:])}
            options["healthcheck"] = {"test": ["NONE"]}
        elif _has_health_check(config):
            # The test is the image's; only its rhythm is ours, and no failure is final.
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
        """A container that is made, and removed whatever happens."""
        host = self._client.api.create_host_config(**options.pop("host_config"))
        labels = {RUN_LABEL: self._run_id}
        return temporary_container(self._client, **options, host_config=host, labels=labels)

    def _start_and_watch(
        self, container_id: str, probe_image: str, watch: "_ContainerWatch", start_time_s: float
    ) -> ContainerRun:
        """Starts a container and looks at it until it has said all that it will."""
        self._client.api.start(container_id)
        beside: PortProbe | None = None
        with contextlib.ExitStack() as stack:
            while True:
                state = self._client.api.inspect_container(container_id)["State"]
                watch.update_state(state)
                if watch.is_done:
                    break
                if watch.is_probe_due:
                    beside = beside or stack.enter_context(
                        self._open_port_probe(container_id, probe_image)
                    )
                    if self._probe_ports(container_id, beside, watch):
                        break
                time.sleep(_POLL_INTERVAL_S)
        return watch.to_run(self._read_output(container_id), time.monotonic() - start_time_s)

    def _probe_ports(
        self, container_id: str, port_probe: PortProbe, watch: "_ContainerWatch"
    ) -> bool:
        """Looks at the ports; whether that is all. Blind, unless the container has just ended."""
        try:
            watch.update_ports(port_probe)
        except CannotProbe:
            if self._client.api.inspect_container(container_id)["State"].get("Running"):
                raise
        return watch.is_done

    @contextmanager
    def _open_port_probe(self, container_id: str, probe_image: str) -> Iterator[PortProbe]:
        """A second container in the network of the first."""
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
        with self._create_container(options) as beside:
            try:
                self._client.api.start(beside)
            except APIError as problem:
                # What it should look at may have ended meanwhile; then there is nothing to see.
                if self._client.api.inspect_container(container_id)["State"].get("Running"):
                    raise CannotProbe(f"no shell to look with: {problem.explanation}") from problem
            yield PortProbe(self._client, beside)

    def _read_output(self, container_id: str) -> str:
        """What it wrote to stdout and stderr, the first 256 KiB of it."""
        kept = bytearray()
        api = self._client.api
        stream = api.logs(container_id, stdout=True, stderr=True, stream=True, follow=False)
        try:
            for piece in stream:
                kept += piece
                if len(kept) >= _MAX_OUTPUT_BYTES:
                    break
        finally:
            stream.close()
        return bytes(kept[:_MAX_OUTPUT_BYTES]).decode(errors="replace")

    def _remove_stale_containers(self) -> None:
        """Removes, once, what an earlier run was killed before it could remove."""
        if self._removed_stale:
            return
        self._removed_stale = True
        api = self._client.api
        for found in api.containers(all=True, filters={"label": RUN_LABEL}):
            age = datetime.now(UTC).timestamp() - float(found["Created"])
            if found["Labels"].get(RUN_LABEL) != self._run_id and age > _STALE_AFTER_S:
                with contextlib.suppress(APIError):
                    api.remove_container(found["Id"], v=True, force=True)


@dataclass
class _ContainerWatch:
    """What was seen of a container so far, and whether that is enough."""

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
        """The engine's word on it."""
        self.health_status = str((state.get("Health") or {}).get("Status") or "")
        if state.get("Status") in {"exited", "dead"}:
            self.exit_code = int(state.get("ExitCode") or 0)
            self.problem = "out of memory" if state.get("OOMKilled") else ""

    def update_ports(self, port_probe: PortProbe) -> None:
        """Its ports and what they say, and how often that has been the same as the time before."""
        ports, loopback = port_probe.list_ports()
        answers = {
            port: mark_varying(self.responses.get(port), port_probe.http_get(port))
            for port in (*ports, *loopback)
        }
        before = (self.ports, self.loopback_ports, self.responses)
        settled = bool(answers) and is_stable(before, (ports, loopback, answers))
        self.stable_polls = self.stable_polls + 1 if settled else 0
        self.ports, self.loopback_ports, self.responses = ports, loopback, answers

    @property
    def is_probe_due(self) -> bool:
        """Whether its ports are to be looked at: a mere command is let run a while first."""
        return time.monotonic() - self.start_time_s > (
            _COMMAND_GRACE_S if self.has_arguments else 2 * _POLL_INTERVAL_S
        )

    @property
    def is_done(self) -> bool:
        """Whether it has ended, or does what it does, or nobody wants to wait any longer."""
        if self.exit_code is not None or time.monotonic() > self.deadline_s:
            return True
        return self.stable_polls >= _STABLE_POLLS and (
            not self.has_health_check or self.health_status == "healthy"
        )

    def to_run(self, output: str, seconds: float) -> ContainerRun:
        """All that was seen."""
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
