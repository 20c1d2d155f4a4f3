"""An image as a revision declares it, and the budget that it is held to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.image import Metric


@dataclass(frozen=True, slots=True)
class GrowthLimit:
    """The growth a budget allows. With both parts set, only exceeding both counts."""

    bytes: int | None = None
    percent: float | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What an image may weigh and by how much a change may fatten it; sizes in bytes."""

    max_size: int | None = None
    max_growth: GrowthLimit | None = None
    ignore_below: int = 2_000
    metric: Metric = Metric.UNPACKED


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """One image as one revision declares it. Paths are POSIX, relative to the repository.

    `smoke_test` is a whole command line, run in the image to see that it works.
    """

    name: str
    dockerfile: str
    context: str
    target: str | None = None
    build_args: Mapping[str, str] = field(default_factory=dict)
    platform: str | None = None
    budget: Budget = Budget()
    smoke_test: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str | None]:
        """The identity that pairs the two sides: the name, never the path."""
        return self.name, self.platform
