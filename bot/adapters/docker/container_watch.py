"""The observations of a started container, and whether they suffice."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from bot.adapters.docker.port_probe import PortProbe, ProbeRefused, is_stable, mark_varying
from bot.model.container_run import ContainerRun, PortResponse
from bot.model.start_settings import LOCAL_NAME

POLL_INTERVAL_S = 0.15
_KILLED = 128 + 9  # by SIGKILL
# `app --version` ends by itself: its ports are not probed before.
_COMMAND_GRACE_S = 1.5
# By the second equal poll, most answers that vary have done so.
_STABLE_POLLS = 2
_REQUEST_S = 0.5  # what a request to an engine takes at most that has nothing else to do
_REPEAT_REFUSED_S = 5.0
_ROUTES_S = 15.0  # for all paths together
_MAX_REQUESTED_PORTS = 16  # an image may listen on thousands


@dataclass
class ContainerWatch:
    """The observations of a container so far, and whether they suffice.

    `other_ports` are those of services in the same network. Requests call it by `host_name`.
    """

    timeout_s: float
    has_arguments: bool
    has_health_check: bool
    other_ports: frozenset[int] = frozenset()
    host_name: str = LOCAL_NAME
    exit_code: int | None = None
    health_status: str = ""
    problem: str = ""
    ports: tuple[int, ...] = ()
    loopback_ports: tuple[int, ...] = ()
    responses: Mapping[int, PortResponse] = field(default_factory=dict)
    route_responses: dict[tuple[int, str], PortResponse] = field(default_factory=dict)
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

    @property
    def may_lack_memory(self) -> bool:
        """True if it was killed, and the engine does not say why."""
        return self.exit_code == _KILLED and not self.problem

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
        ports, loopback_ports = (self._drop_others(x) for x in port_probe.list_ports())
        # A probe that raises in the middle leaves `is_probed` false, so that nothing half seen
        # counts.
        responses = {
            port: mark_varying(self.responses.get(port), self._request(port_probe, port))
            for port in (*ports, *loopback_ports)[:_MAX_REQUESTED_PORTS]
        }
        before = (self.ports, self.loopback_ports, self.responses)
        stable = bool(responses) and is_stable(before, (ports, loopback_ports, responses))
        self.stable_polls = self.stable_polls + 1 if stable else 0
        self.ports, self.loopback_ports, self.responses = ports, loopback_ports, responses
        self.is_probed = True

    def _drop_others(self, ports: Sequence[int]) -> tuple[int, ...]:
        return tuple(port for port in ports if port not in self.other_ports)

    def request_routes(self, port_probe: PortProbe, paths: Sequence[str]) -> None:
        """Request the paths of one port, that speaks HTTP if any does, as long as there is time.

        What a request leads to, such as an end of the server, is the response to the next one.
        """
        ports = sorted(self.responses, key=lambda port: self.responses[port].status is None)
        deadline_s = time.monotonic() + _ROUTES_S
        for port in ports[:1]:
            for path in paths:
                if time.monotonic() < deadline_s:
                    with suppress(ProbeRefused):
                        self.route_responses[port, path] = self._request(port_probe, port, path)

    def _request(self, port_probe: PortProbe, port: int, path: str = "/") -> PortResponse:
        return port_probe.http_get(port, path, self.host_name)

    @property
    def is_probe_due(self) -> bool:
        """Return True if the ports are to be probed; a command first gets time to end."""
        return time.monotonic() - self.start_time_s > (
            _COMMAND_GRACE_S if self.has_arguments else 2 * POLL_INTERVAL_S
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
        # Not healthy in all of its time, at an interval of a second.
        if health == "starting":
            health = "unhealthy"
        return ContainerRun(
            exit_code=self.exit_code,
            output=output,
            ports=self.ports,
            loopback_ports=self.loopback_ports,
            responses=self.responses,
            route_responses=self.route_responses,
            health_status="" if health == "none" else health,
            seconds=seconds,
            start_error=self.problem,
        )
