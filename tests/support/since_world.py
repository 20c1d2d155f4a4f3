"""Histories of sizes in tests, and a search that measures in them as in builds."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.since.samples import Sample
from bot.since.search import choose_next
from bot.since.track import Track


@dataclass
class History:
    """The size of an image after each commit; 0 stands for the start.

    `moved` is what is added to each size that is measured today: a base image that has grown since
    it was recorded. A commit matters if its size or its entry in `touches` says so. Commits in
    `broken` do not build. `planned` has the commits that were planned.
    """

    sizes: Sequence[int]
    touches: Sequence[bool] = ()
    broken: frozenset[int] = frozenset()
    moved: int = 0
    planned: set[int] = field(default_factory=set)
    builds: list[int] = field(default_factory=list)

    def matters(self, position: int) -> bool:
        is_touched = bool(self.touches) and self.touches[position]
        return self.sizes[position] != self.sizes[position - 1] or is_touched

    def find(self, start: int, end: int) -> Sequence[int]:
        self.planned.update(range(start + 1, end + 1))
        return [x for x in range(start + 1, end + 1) if self.matters(x)]

    def get_planned(self, start: int, end: int) -> Sequence[int] | None:
        if not self.planned.issuperset(range(start + 1, end + 1)):
            return None
        return [x for x in range(start + 1, end + 1) if self.matters(x)]

    def search(self, recorded: Sequence[int] = (), *, covers_all: bool = False) -> Track:
        """Measure until nothing is left that is worth it; the sizes of `recorded` are known."""
        track = Track(0, len(self.sizes) - 1)
        track.recorded |= {x: Sample(self.sizes[x]) for x in recorded}
        while (position := choose_next(track, self, covers_all=covers_all)) is not None:
            assert position not in {*track.measured, *track.failed}, "measured twice"
            self.builds.append(position)
            if position in self.broken:
                track.failed.add(position)
            else:
                track.measured[position] = Sample(self.sizes[position] + self.moved)
        return track
