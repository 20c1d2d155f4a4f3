"""The sizes that an image had in the past, as a report shows them."""

from dataclasses import dataclass

from bot.model.metric import Metric


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The size of an image at a commit; `date` is as in `2026-11-26T15:52:50Z`."""

    commit: str
    date: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Trend:
    """The change of an image's size over some days, the oldest point first.

    `days_to_limit` is when the limit is reached if it goes on like that; None where it is not, or
    not within a year.
    """

    metric: Metric
    points: tuple[TrendPoint, ...]
    days: int
    days_to_limit: int | None = None

    @property
    def change_bytes(self) -> int:
        """The newest size less the oldest one."""
        return self.points[-1].bytes - self.points[0].bytes
