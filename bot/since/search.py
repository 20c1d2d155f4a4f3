"""The choice of the commit to measure next.

The interval with the largest net change is split first, in the middle of the commits that can
matter. That finds one jump as fast as a bisection, and assumes nothing of the others: a size may go
up and down again.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol

from bot.since.track import Interval, Track

IGNORED_BYTES = 100_000  # a net change below it is not looked into
_IGNORED_FRACTION = 10  # nor one below the tenth part of the largest change of one commit
_LEAST_BYTES = 1_000
# The end itself, and the states of the image 1, 2, 4, 8 and 16 steps away from it.
_MAX_END_TRIES = 6


class CandidateFinder(Protocol):
    """Finds the positions at which a commit changes what the image is built of."""

    def find(self, start: int, end: int) -> Sequence[int]:
        """Return the positions behind `start`, up to `end`, in order."""
        ...

    def get_planned(self, start: int, end: int) -> Sequence[int] | None:
        """Return the same without any work; None if that is not known yet."""
        ...


def choose_next(
    track: Track,
    candidates: CandidateFinder,
    *,
    covers_all: bool = False,
    ignored_bytes: int = IGNORED_BYTES,
) -> int | None:
    """Return the position to measure next; None if nothing is left that is worth it.

    Both ends come first. A net change below `ignored_bytes` is not looked into, but with
    `covers_all`: then each commit that can matter is measured.
    """
    first = track.first
    end = next(_list_end_tries(track, candidates), None)
    if end is not None:
        return end
    least = 0 if covers_all else ignored_bytes
    position = _choose_in_intervals(track, candidates, least)
    if position is None and covers_all:
        position = _choose_untried(track, candidates)
    if track.first == first:
        return position
    # The image has turned out to be younger than it was taken for.
    return choose_next(track, candidates, covers_all=covers_all, ignored_bytes=ignored_bytes)


def choose_ignored_bytes(changes: Iterable[int]) -> int:
    """Return the net change that is too small to be looked into, by those of all images.

    Where nothing has changed much, less counts.
    """
    largest = max(map(abs, changes), default=0)
    return max(_LEAST_BYTES, min(IGNORED_BYTES, largest // _IGNORED_FRACTION))


def _choose_in_intervals(track: Track, candidates: CandidateFinder, least: int) -> int | None:
    largest = 0  # of the changes that one commit made
    for interval in sorted(track.intervals, key=_rank_interval):
        size = abs(interval.change.commit_bytes)
        # They are sorted by size, so the others are too small as well.
        if least and size < max(least, largest // _IGNORED_FRACTION):
            return None
        position = _choose_inside(track, interval, candidates)
        if position is not None:
            return position
        if is_of_one_commit(interval, candidates):
            largest = max(largest, size)
    return None


def is_of_one_commit(interval: Interval, candidates: CandidateFinder) -> bool:
    """Return True if it is known that one commit made the change of an interval."""
    planned = candidates.get_planned(interval.start, interval.end)
    return planned is not None and len(planned) == 1 and not interval.is_mixed


def list_splits(positions: Sequence[int]) -> Sequence[int]:
    """Return where an interval with these candidates can be split, the middle first."""
    splits = positions[:-1]  # what is after the last one is the end of the interval
    middle = (len(positions) - 1) // 2
    order = sorted(range(len(splits)), key=lambda index: abs(index - middle))
    return [splits[index] for index in order]


def _choose_inside(track: Track, interval: Interval, candidates: CandidateFinder) -> int | None:
    positions = candidates.find(interval.start, interval.end)
    if not positions or interval.start < track.first:
        return None
    if interval.is_mixed:
        return next(track.find_unmeasured(interval), None)
    return next((x for x in list_splits(positions) if x not in track.failed), None)


def _list_end_tries(track: Track, candidates: CandidateFinder) -> Iterator[int]:
    """Yield the next position to try for either end that has no size.

    Where the commit at an end cannot be built, those next to it are tried, in growing steps.
    """
    for end, is_newest in ((track.last, True), (track.first, False)):
        tries = _list_tries(track, end, candidates, is_newest=is_newest)
        for position in islice(tries, _MAX_END_TRIES):
            if _is_covered(track, position, is_newest=is_newest):
                break
            if position not in track.failed:
                yield position
                break


def _list_tries(
    track: Track, end: int, candidates: CandidateFinder, *, is_newest: bool
) -> Iterator[int]:
    yield end
    states = [track.first, *candidates.find(track.first, track.last)]
    if is_newest:
        states.reverse()
    step = 1
    while step < len(states):
        yield states[step]
        step *= 2


def _is_covered(track: Track, position: int, *, is_newest: bool) -> bool:
    """Return True if a size is known at a position, or farther out."""
    positions = track.sized_positions
    if not positions:
        return False
    return positions[-1] >= position if is_newest else positions[0] <= position


def _choose_untried(track: Track, candidates: CandidateFinder) -> int | None:
    """Return a state between failed commits, or outside of all intervals, that was not tried."""
    sizes = track.sized_positions
    outside = [] if not sizes else [(track.first, sizes[0]), (sizes[-1], track.last)]
    for start, end in outside:
        for position in (start, *candidates.find(start, end)):
            if position not in track.failed and position not in sizes:
                return position
    return None


def _rank_interval(interval: Interval) -> int:
    return -abs(interval.change.commit_bytes)
