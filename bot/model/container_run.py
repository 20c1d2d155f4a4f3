"""The observed behaviour of a container that was started."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_REDIRECTS = (301, 302, 303, 307, 308)  # RFC 9110, 15.4


@dataclass(frozen=True, slots=True)
class PortResponse:
    """The response of a port to a GET request; `status` is None if it does not speak HTTP.

    `varies` is true if repeated requests had bodies of different sizes. `body` is its beginning.
    `location` is where a redirect leads.
    """

    status: int | None
    content_type: str = ""
    body_bytes: int = 0
    varies: bool = False
    body: str = ""
    location: str = ""

    @property
    def is_redirect(self) -> bool:
        """True if a client goes elsewhere and shows nothing of the response."""
        return self.status in _REDIRECTS and bool(self.location)


@dataclass(frozen=True, slots=True)
class ContainerRun:
    """A container's first seconds.

    `exit_code` is None if it was still running at the end. `output` is stdout and stderr. `ports`
    are the TCP ports that it listens on for others, `loopback_ports` those on loopback alone;
    `responses` has both, to `GET /`; `route_responses` are those to other paths, by port and path.
    `health_status` is `healthy`, `unhealthy`, or empty without a check.
    `start_error` is the engine's message if it could not start the container; `service_error` says
    which service beside it could not be started, or ended meanwhile: then nothing else counts.
    """

    exit_code: int | None
    output: str = ""
    ports: tuple[int, ...] = ()
    loopback_ports: tuple[int, ...] = ()
    responses: Mapping[int, PortResponse] = field(default_factory=dict)
    route_responses: Mapping[tuple[int, str], PortResponse] = field(default_factory=dict)
    health_status: str = ""
    seconds: float = 0.0
    start_error: str = ""
    service_error: str = ""
