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

from bot.adapters.docker.containers import container
from bot.adapters.docker.port_probe import Beside, Blind, is_settled, since
from bot.adapters.image_sources import ImageStore
from bot.model.container_run import Answer, Run

LABEL = "image-size-review.start"
_STALE = 3600  # seconds after which a container of ours belongs to nobody any more
_PAUSE = 0.15
_SHORT = 1.5  # seconds that a command with arguments has to end before its ports are looked at
_SAME = 2  # times that all must be as it was before; by then an answer that varies mostly has
_MAX_OUTPUT = 256 << 10
_SECOND = 1_000_000_000
_PROBLEMS = (APIError, DockerException, RequestException, OSError)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a container may use: memory in bytes, processes, cores."""

    memory: int = 2 << 30
    processes: int = 1024
    cores: float = 2.0


class ImageStarter:
    """The port `Starter`."""

    def __init__(self, images: ImageStore, limits: Limits = Limits()) -> None:
        """Asks nothing yet."""
        self._images, self._limits = images, limits
        self._run_id = secrets.token_hex(6)
        self._swept = False

    @property
    def _client(self) -> docker.DockerClient:
        return self._images.engine.client

    def start(
        self, reference: str, probe: str, arguments: Sequence[str] = (), patience: float = 10
    ) -> Run:
        """What a container does; see the port."""
        self._sweep()
        began = time.monotonic()
        try:
            image = self._images.engine.get(reference)
            config = image.attrs.get("Config") or {}
            with self._container(self._options(str(image.id), config, arguments)) as container:
                watch = _Watch(began + patience, bool(arguments), _has_health(config))
                return self._watched(container, probe, watch, began)
        except _PROBLEMS as problem:
            text = str(getattr(problem, "explanation", None) or problem)
            return Run(None, seconds=time.monotonic() - began, problem=text.strip())

    def _options(
        self, image: str, config: Mapping[str, Any], arguments: Sequence[str]
    ) -> dict[str, Any]:
        """The arguments of the SDK's `create_container`."""
        options: dict[str, Any] = {"image": image}
        if arguments:
            options |= {"entrypoint": [arguments[0]], "command": list(arguments[1:])}
            options["healthcheck"] = {"test": ["NONE"]}
        elif _has_health(config):
            # The test is the image's; only its rhythm is ours, and no failure is final.
            timing = {"interval": _SECOND, "start_period": _SECOND // 1000, "retries": 1000}
            options["healthcheck"] = timing
        host = {
            "network_mode": "none",
            "mem_limit": self._limits.memory,
            "memswap_limit": self._limits.memory,
            "pids_limit": self._limits.processes,
            "nano_cpus": int(self._limits.cores * 1e9),
            "security_opt": ["no-new-privileges"],
            "init": False,
            "log_config": {"Type": "json-file", "Config": {"max-size": "8m"}},
        }
        return {**options, "host_config": host}

    def _container(self, options: dict[str, Any]) -> AbstractContextManager[str]:
        """A container that is made, and removed whatever happens."""
        host = self._client.api.create_host_config(**options.pop("host_config"))
        labels = {LABEL: self._run_id}
        return container(self._client, **options, host_config=host, labels=labels)

    def _watched(self, container: str, probe: str, watch: "_Watch", began: float) -> Run:
        """Starts a container and looks at it until it has said all that it will."""
        self._client.api.start(container)
        beside: Beside | None = None
        with contextlib.ExitStack() as stack:
            while True:
                state = self._client.api.inspect_container(container)["State"]
                watch.see(state)
                if watch.is_over:
                    break
                if watch.is_due:
                    beside = beside or stack.enter_context(self._beside(container, probe))
                    if self._listen(container, beside, watch):
                        break
                time.sleep(_PAUSE)
        return watch.run(self._output(container), time.monotonic() - began)

    def _listen(self, container: str, beside: Beside, watch: "_Watch") -> bool:
        """Looks at the ports; whether that is all. Blind, unless the container has just ended."""
        try:
            watch.listen(beside)
        except Blind:
            if self._client.api.inspect_container(container)["State"].get("Running"):
                raise
        return watch.is_over

    @contextmanager
    def _beside(self, container: str, probe: str) -> Iterator[Beside]:
        """A second container in the network of the first."""
        options = {
            "image": str(self._images.engine.get(probe).id),
            "entrypoint": ["/bin/sh", "-c"],
            "command": ["while :; do sleep 1; done"],
            "user": "0",
            "healthcheck": {"test": ["NONE"]},
            "host_config": {
                "network_mode": f"container:{container}",
                "mem_limit": 512 << 20,
                "pids_limit": 256,
            },
        }
        with self._container(options) as beside:
            try:
                self._client.api.start(beside)
            except APIError as problem:
                # What it should look at may have ended meanwhile; then there is nothing to see.
                if self._client.api.inspect_container(container)["State"].get("Running"):
                    raise Blind(f"no shell to look with: {problem.explanation}") from problem
            yield Beside(self._client, beside)

    def _output(self, container: str) -> str:
        """What it wrote to stdout and stderr, the first 256 KiB of it."""
        kept = bytearray()
        api = self._client.api
        stream = api.logs(container, stdout=True, stderr=True, stream=True, follow=False)
        try:
            for piece in stream:
                kept += piece
                if len(kept) >= _MAX_OUTPUT:
                    break
        finally:
            stream.close()
        return bytes(kept[:_MAX_OUTPUT]).decode(errors="replace")

    def _sweep(self) -> None:
        """Removes, once, what an earlier run was killed before it could remove."""
        if self._swept:
            return
        self._swept = True
        api = self._client.api
        for found in api.containers(all=True, filters={"label": LABEL}):
            age = datetime.now(UTC).timestamp() - float(found["Created"])
            if found["Labels"].get(LABEL) != self._run_id and age > _STALE:
                with contextlib.suppress(APIError):
                    api.remove_container(found["Id"], v=True, force=True)


@dataclass
class _Watch:
    """What was seen of a container so far, and whether that is enough."""

    deadline: float
    has_arguments: bool
    has_health: bool
    exit: int | None = None
    health: str = ""
    problem: str = ""
    ports: tuple[int, ...] = ()
    loopback: tuple[int, ...] = ()
    answers: Mapping[int, Answer] = field(default_factory=dict)
    same: int = 0
    began: float = field(default_factory=time.monotonic)

    def see(self, state: Mapping[str, Any]) -> None:
        """The engine's word on it."""
        self.health = str((state.get("Health") or {}).get("Status") or "")
        if state.get("Status") in {"exited", "dead"}:
            self.exit = int(state.get("ExitCode") or 0)
            self.problem = "out of memory" if state.get("OOMKilled") else ""

    def listen(self, beside: Beside) -> None:
        """Its ports and what they say, and how often that has been the same as the time before."""
        ports, loopback = beside.ports()
        answers = {
            port: since(self.answers.get(port), beside.get(port)) for port in (*ports, *loopback)
        }
        before = (self.ports, self.loopback, self.answers)
        settled = bool(answers) and is_settled(before, (ports, loopback, answers))
        self.same = self.same + 1 if settled else 0
        self.ports, self.loopback, self.answers = ports, loopback, answers

    @property
    def is_due(self) -> bool:
        """Whether its ports are to be looked at: a mere command is let run a while first."""
        return time.monotonic() - self.began > (_SHORT if self.has_arguments else 2 * _PAUSE)

    @property
    def is_over(self) -> bool:
        """Whether it has ended, or does what it does, or nobody wants to wait any longer."""
        if self.exit is not None or time.monotonic() > self.deadline:
            return True
        return self.same >= _SAME and (not self.has_health or self.health == "healthy")

    def run(self, output: str, seconds: float) -> Run:
        """All that was seen."""
        health = self.health
        if health == "starting":
            health = "unhealthy"
        return Run(
            exit=self.exit,
            output=output,
            ports=self.ports,
            loopback=self.loopback,
            answers=self.answers,
            health="" if health == "none" else health,
            seconds=seconds,
            problem=self.problem,
        )


def _has_health(config: Mapping[str, Any]) -> bool:
    test = (config.get("Healthcheck") or {}).get("Test") or ["NONE"]
    return bool(test[0] != "NONE")
