"""What a container did when it was started."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PortResponse:
    """What a port said to `GET /`: an HTTP status, or None where it speaks something else.

    `varies` where it was asked more than once and did not always say as much.
    """

    status: int | None
    content_type: str = ""
    body_bytes: int = 0
    varies: bool = False


@dataclass(frozen=True, slots=True)
class ContainerRun:
    """A container's first seconds: `exit` is None while it lives on; `output` is stdout and stderr.

    `ports` are the TCP ports that it listens on beyond loopback too, `loopback` those that only its
    own programs reach, `answers` what they all say, `health` what its health check came to
    (`healthy`, `unhealthy`; empty without one). `problem` is there where the engine could not start
    it at all.
    """

    exit_code: int | None
    output: str = ""
    ports: tuple[int, ...] = ()
    loopback_ports: tuple[int, ...] = ()
    responses: Mapping[int, PortResponse] = field(default_factory=dict)
    health_status: str = ""
    seconds: float = 0.0
    start_error: str = ""
