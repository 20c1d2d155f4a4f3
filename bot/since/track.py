"""The sizes of one image that are known along a row of commits, which positions stand for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from bot.since.samples import Change, Sample, compare_samples


@dataclass(frozen=True, slots=True)
class Interval:
    """Two positions with known sizes, and none between them that is known.

    It `is_mixed` if one size was recorded, the other was measured now: what was released meanwhile
    may be in the difference.
    """

    start: int
    end: int
    old: Sample
    new: Sample
    is_mixed: bool = False

    @property
    def change(self) -> Change:
        """The net change."""
        return compare_samples(self.old, self.new)


@dataclass
class Track:
    """The sizes that are known of the positions from `first` to `last`, both included.

    `recorded` has sizes as they were when each commit was new, `measured` those of builds of today;
    a position may have both. Builds of the positions in `failed` did not succeed.
    """

    first: int
    last: int
    recorded: dict[int, Sample] = field(default_factory=dict)
    measured: dict[int, Sample] = field(default_factory=dict)
    failed: set[int] = field(default_factory=set)

    @property
    def sized_positions(self) -> list[int]:
        """The positions with a size, in order."""
        positions = self.recorded.keys() | self.measured.keys()
        return sorted(x for x in positions if self.first <= x <= self.last)

    @property
    def intervals(self) -> list[Interval]:
        """The intervals between known sizes, in order; they have no gaps."""
        return [self._make_interval(start, end) for start, end in pairwise(self.sized_positions)]

    @property
    def oldest(self) -> Sample | None:
        """The size of the oldest position, as it was then where that was recorded."""
        first = next(iter(self.sized_positions), None)
        return None if first is None else self.recorded.get(first) or self.measured[first]

    @property
    def newest(self) -> Sample | None:
        """The size of the newest position, as it is now where that was measured."""
        last = next(reversed(self.sized_positions), None)
        return None if last is None else self.measured.get(last) or self.recorded[last]

    def start_at(self, first: int) -> None:
        """Leave out what is before a position: the image is no older."""
        self.first = max(self.first, first)

    def find_unmeasured(self, interval: Interval) -> Iterator[int]:
        """Yield the ends of an interval with a recorded size alone, if they can be measured."""
        for position in (interval.start, interval.end):
            if position not in self.measured and position not in self.failed:
                yield position

    def _make_interval(self, start: int, end: int) -> Interval:
        # Two builds of today first: what was released meanwhile is in both of them.
        for sizes in (self.measured, self.recorded):
            if start in sizes and end in sizes:
                return Interval(start, end, sizes[start], sizes[end])
        old = self.measured.get(start) or self.recorded[start]
        new = self.measured.get(end) or self.recorded[end]
        return Interval(start, end, old, new, is_mixed=True)
