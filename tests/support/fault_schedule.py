"""A schedule of faults at random moments of a job: the same number gives the same fault.

A moment is a fraction of what the job does without faults: of its requests to the engine, to the
registry or to GitHub, of its running time, or of the disk space that it takes.
"""

import random
from dataclasses import dataclass
from enum import StrEnum

from tests.support.faulty_engine import EngineFault
from tests.support.github import Reset, Status, Truncate
from tests.support.github.faults import Fault as GitHubFault
from tests.support.registry.stand_in import Bytes
from tests.support.registry.stand_in import Fault as RegistryFault
from tests.support.registry.stand_in import Reset as RegistryReset
from tests.support.registry.stand_in import Status as RegistryStatus
from tests.support.registry.stand_in import Truncate as RegistryTruncate

_GITHUB_FAULTS: tuple[GitHubFault, ...] = (
    Status(401, {"message": "Bad credentials"}),
    Status(403, {"message": "Resource not accessible by integration"}),
    Status(404, {"message": "Not Found"}),
    Status(422, {"message": "Validation Failed"}),
    Status(500, "<html>a proxy</html>"),
    Status(502, {"message": "Server Error"}),
    Status(200, "<html>a proxy</html>"),
    Reset(),
    Reset(after_bytes=100),
    Truncate(),
)
_REGISTRY_FAULTS: tuple[RegistryFault, ...] = (
    RegistryStatus(401),
    RegistryStatus(403),
    RegistryStatus(404),
    RegistryStatus(429, {"Retry-After": "3600"}),
    RegistryStatus(500),
    RegistryStatus(503),
    RegistryTruncate(10),
    RegistryReset(10),
    Bytes(b"{}"),
    Bytes(b"<html>a proxy</html>"),
)


class Component(StrEnum):
    """The part of a job's surroundings that fails."""

    ENGINE = "engine"
    REGISTRY = "registry"
    GITHUB = "github"
    DISK = "disk"
    SIGNAL = "signal"


@dataclass(frozen=True)
class ScheduledFault:
    """A fault of one component, and the moment at which it comes, as a fraction from 0 to 1."""

    number: int
    component: Component
    moment: float
    engine: EngineFault
    registry: RegistryFault
    github: GitHubFault
    after_work: bool
    signal: str

    def __str__(self) -> str:
        kind = {
            Component.ENGINE: str(self.engine),
            Component.REGISTRY: str(self.registry),
            Component.GITHUB: f"{self.github}, after_work={self.after_work}",
            Component.DISK: "is full",
            Component.SIGNAL: self.signal,
        }[self.component]
        return f"fault {self.number}: {self.component}: {kind} at {self.moment:.0%}"

    def nth(self, count: int) -> int:
        """Return the number of the request that fails, of `count`, the first being 1."""
        return 1 + int(self.moment * count)


def schedule_fault(number: int, seed: int) -> ScheduledFault:
    """Return the fault of this number; its component goes round, everything else is random."""
    chance = random.Random(f"{seed}/{number}")
    components = list(Component)
    return ScheduledFault(
        number=number,
        component=components[number % len(components)],
        moment=chance.random(),
        engine=chance.choice(list(EngineFault)),
        registry=chance.choice(_REGISTRY_FAULTS),
        github=chance.choice(_GITHUB_FAULTS),
        after_work=chance.random() < 0.5,
        signal=chance.choice(["SIGTERM", "SIGINT", "SIGKILL"]),
    )
