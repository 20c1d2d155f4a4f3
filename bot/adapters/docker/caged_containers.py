"""Containers without a network and under limits, and the one from which ports are requested.

Nothing of the machine is shared (see `container_limits`). All containers of a run are in one
network, which is a loopback and nothing else.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import docker
from docker.errors import APIError

from bot.adapters.docker.container_guard import ContainerGuard, guarded_container
from bot.adapters.docker.container_limits import (
    ENVIRONMENT,
    HOSTNAME,
    PROBE_LIMITS,
    ContainerLimits,
    check_limits,
    make_host_options,
)
from bot.adapters.docker.containers import temporary_container
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.docker.port_probe import CannotProbe, PortProbe

RUN_LABEL = "image-size-review.start"
NO_NETWORK = "none"


class CagedContainers:
    """The containers of an engine that may not reach anything, and are always removed."""

    def __init__(self, handle: EngineHandle) -> None:
        self._handle = handle

    @property
    def client(self) -> docker.DockerClient:
        """The engine's client."""
        return self._handle.engine.client

    @contextmanager
    def create(
        self,
        options: Mapping[str, Any],
        limits: ContainerLimits,
        time_limit_s: float,
        network_mode: str = NO_NETWORK,
        hosts: Collection[str] = (),
    ) -> Iterator[tuple[str, ContainerGuard]]:
        """Create a container that is guarded, and always removed afterwards.

        In a network of its own, it is known by `hosts` as well.
        """
        engine = self._handle.engine
        check_limits(engine.product, engine.info)
        host_options = make_host_options(limits, network_mode, hosts)
        host = self.client.api.create_host_config(**host_options)
        named = {"hostname": HOSTNAME} if network_mode == NO_NETWORK else {}
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

    @contextmanager
    def open_port_probe(
        self,
        image: str,
        time_limit_s: float,
        network_mode: str = NO_NETWORK,
        hosts: Collection[str] = (),
    ) -> Iterator[PortProbe]:
        """Start a container that requests ports in a network; its image is no more trusted."""
        options = {
            "image": str(self._handle.engine.get_image(image).id),
            "entrypoint": ["/bin/sh", "-c"],
            # A loop of the shell, since `sleep infinity` is not POSIX.
            "command": ["while :; do sleep 1; done"],
            "user": "0",
            "healthcheck": {"test": ["NONE"]},
        }
        limits = PROBE_LIMITS
        with self.create(options, limits, time_limit_s, network_mode, hosts) as (probe_id, _):
            try:
                self.client.api.start(probe_id)
            except APIError as problem:
                # The watched container may have ended meanwhile; then there is nothing to probe.
                if self._is_running(network_mode):
                    raise CannotProbe(
                        f"the probe needs a shell: {problem.explanation}"
                    ) from problem
            yield PortProbe(self.client, probe_id)

    def _is_running(self, network_mode: str) -> bool:
        """Return True unless the network is that of a container that has ended."""
        _, _, owner = network_mode.partition(":")
        if not owner:
            return True
        return bool(self.client.api.inspect_container(owner)["State"].get("Running"))
