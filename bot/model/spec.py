"""An image as a revision declares it, with its budget."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.image import Metric


@dataclass(frozen=True, slots=True)
class GrowthLimit:
    """The growth that a budget allows; with both parts set, the larger one counts."""

    bytes: int | None = None
    percent: float | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """The limits on the size and the growth of an image, in bytes.

    A growth of at most `ignore_below` bytes never fails.
    """

    max_size: int | None = None
    max_growth: GrowthLimit | None = None
    ignore_below: int = 2_000
    metric: Metric = Metric.UNPACKED


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """An image as one revision declares it; paths are POSIX, relative to the repository.

    `smoke_test` is a command line that must succeed in the image.
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
        """The key that pairs the two sides: name and platform, since a Dockerfile may move."""
        return self.name, self.platform
