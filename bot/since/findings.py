"""The findings from a track of sizes: each byte is of a commit, of none, or left open."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.since.samples import Sample
from bot.since.search import CandidateFinder, is_of_one_commit, list_splits
from bot.since.track import Interval, Track


class FindingKind(StrEnum):
    """The cause of a change; the texts of the last five are those of the JSON report."""

    COMMIT = "commit"  # the commit at `end`
    MOVED = "moved"  # no commit: what it is built of was released anew
    OPEN = "not-looked-into"
    SMALL = "small-changes"  # each commit has a size, and changes less than is looked into
    BROKEN = "does-not-build"  # every commit between the two that could tell
    OTHER_TIMES = "measured-at-other-times"  # one size is recorded, the other of today


# Commits between two equal sizes, not looked at one by one: some may be larger, others smaller.
_LISTED_WITHOUT_A_NET_CHANGE = (FindingKind.OPEN, FindingKind.BROKEN, FindingKind.OTHER_TIMES)


@dataclass(frozen=True, slots=True)
class SizeFinding:
    """A change between two positions; `bytes` is None where a size at one end is unknown."""

    kind: FindingKind
    start: int
    end: int
    bytes: int | None
    old: Sample | None = None
    new: Sample | None = None


def list_findings(track: Track, candidates: CandidateFinder) -> tuple[SizeFinding, ...]:
    """Return all findings in order; their bytes add up to the net change.

    That is from `track.oldest` to `track.newest`.
    """
    # Beyond the known sizes, between two of them, and between two sizes of one commit.
    findings = [
        *_list_ends(track),
        *(x for interval in track.intervals for x in _explain(track, interval, candidates)),
        *_list_moves(track),
    ]
    findings.sort(key=lambda finding: (finding.start, finding.end, finding.kind))
    return tuple(_merge(findings))


def _explain(
    track: Track, interval: Interval, candidates: CandidateFinder
) -> Iterator[SizeFinding]:
    change = interval.change
    shared = (interval.start, interval.end)
    if change.moved_bytes:
        yield SizeFinding(
            FindingKind.MOVED, *shared, change.moved_bytes, interval.old, interval.new
        )
    kind = _classify(track, interval, candidates)
    start, end = shared
    if kind is FindingKind.COMMIT:
        end = candidates.find(*shared)[0]
        start = end - 1
    if change.commit_bytes or kind in _LISTED_WITHOUT_A_NET_CHANGE:
        yield SizeFinding(kind, start, end, change.commit_bytes, interval.old, interval.new)


def _classify(track: Track, interval: Interval, candidates: CandidateFinder) -> FindingKind:
    positions = candidates.get_planned(interval.start, interval.end)
    if positions is None:
        return FindingKind.SMALL if interval.end - interval.start == 1 else FindingKind.OPEN
    if not positions:
        return FindingKind.MOVED
    if is_of_one_commit(interval, candidates):
        return FindingKind.COMMIT
    if interval.is_mixed:
        return FindingKind.OTHER_TIMES
    is_tried = all(x in track.failed for x in list_splits(positions))
    return FindingKind.BROKEN if is_tried else FindingKind.OPEN


def _list_ends(track: Track) -> Iterator[SizeFinding]:
    """Yield what is before the first known size and after the last one."""
    positions = track.sized_positions
    if not positions:
        yield _make_end(track, track.first, track.last)
        return
    if positions[0] > track.first:
        yield _make_end(track, track.first, positions[0])
    if positions[-1] < track.last:
        yield _make_end(track, positions[-1], track.last)


def _make_end(track: Track, start: int, end: int) -> SizeFinding:
    has_failed = any(start <= x <= end for x in track.failed)
    return SizeFinding(FindingKind.BROKEN if has_failed else FindingKind.OPEN, start, end, None)


def _list_moves(track: Track) -> Iterator[SizeFinding]:
    """Yield what the same commit had at two times.

    An interval of builds within recorded ones is left as it was entered: both differences are one.
    """
    pending: SizeFinding | None = None
    for move in _list_differences(track):
        # Of opposite signs: the chain entered builds of today here, and left them there.
        if pending and (pending.bytes or 0) * (move.bytes or 0) < 0:
            total = (pending.bytes or 0) + (move.bytes or 0)
            if total:
                yield replace(pending, end=move.end, bytes=total, old=None, new=None)
            pending = None
            continue
        if pending:
            yield pending
        pending = move
    if pending:
        yield pending


def _list_differences(track: Track) -> Iterator[SizeFinding]:
    if track.oldest is None or track.newest is None:
        return
    # For each known position, the size that the chain of intervals comes with, and goes on from.
    intervals = track.intervals
    entering = [track.oldest, *(interval.new for interval in intervals)]
    leaving = [*(interval.old for interval in intervals), track.newest]
    for position, old, new in zip(track.sized_positions, entering, leaving, strict=True):
        if old.bytes != new.bytes:
            difference = new.bytes - old.bytes
            yield SizeFinding(FindingKind.MOVED, position, position, difference, old, new)


def _merge(findings: Iterable[SizeFinding]) -> Iterator[SizeFinding]:
    """Join neighbouring intervals that nobody looked into."""
    last: SizeFinding | None = None
    for finding in findings:
        if last and _are_joined(last, finding):
            total = (last.bytes or 0) + (finding.bytes or 0)
            last = replace(last, end=finding.end, bytes=total, new=finding.new)
            continue
        if last:
            yield last
        last = finding
    if last:
        yield last


def _are_joined(first: SizeFinding, second: SizeFinding) -> bool:
    """Return True for two small changes, and for two ranges that have no net change."""
    if first.kind is not second.kind:
        return False
    is_empty = first.bytes == second.bytes == 0
    is_open = first.kind is FindingKind.OPEN and first.end == second.start and is_empty
    return is_open or first.kind is FindingKind.SMALL
