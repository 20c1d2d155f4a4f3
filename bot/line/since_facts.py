"""The facts of a report from the sizes that are known of an image along the commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.line.size_causes import Cause, ImageFinder, find_cause
from bot.model.image_identity import ImageIdentity
from bot.model.since import (
    ImageSizes,
    MovedSource,
    RangeReason,
    SizeChange,
    SizePoint,
    UnexaminedRange,
    WalkedCommit,
)
from bot.model.spec import ImageSpec
from bot.since.findings import FindingKind, SizeFinding, list_findings
from bot.since.samples import compare_samples
from bot.since.search import CandidateFinder
from bot.since.track import Track

_REASONS = {
    FindingKind.OPEN: RangeReason.NOT_LOOKED_INTO,
    FindingKind.SMALL: RangeReason.SMALL_CHANGES,
    FindingKind.BROKEN: RangeReason.DOES_NOT_BUILD,
    FindingKind.OTHER_TIMES: RangeReason.OTHER_TIMES,
}


@dataclass(frozen=True, slots=True)
class ImageFindings:
    """The facts about one image."""

    sizes: ImageSizes
    changes: tuple[SizeChange, ...]
    moved: tuple[MovedSource, ...]
    unexamined: tuple[UnexaminedRange, ...]


def describe_track(
    searched: tuple[ImageSpec, Track, CandidateFinder],
    commits: Sequence[WalkedCommit],
    problems: Mapping[int, str],
    find_image: ImageFinder,
) -> ImageFindings:
    """Return the changes of an image, those that no commit made, and what was left open."""
    spec, track, candidates = searched
    image = ImageIdentity(spec.name, spec.dockerfile, spec.platform)
    findings = list_findings(track, candidates)
    changes = [x for x in findings if x.kind is FindingKind.COMMIT]
    moved = [x for x in findings if x.kind is FindingKind.MOVED]
    others = [x for x in findings if x.kind in _REASONS]
    return ImageFindings(
        _list_sizes(image, spec.shown_name, track, commits),
        tuple(_describe_change(image, finding, commits, find_image) for finding in changes),
        tuple(_describe_move(image, finding, commits, find_image) for finding in moved),
        tuple(_describe_range(image, finding, commits, problems) for finding in others),
    )


def _list_sizes(
    image: ImageIdentity, title: str, track: Track, commits: Sequence[WalkedCommit]
) -> ImageSizes:
    sizes = {**track.measured, **track.recorded}
    points = tuple(
        SizePoint(
            commits[position].sha,
            commits[position].date,
            sizes[position].bytes,
            position in track.recorded,
        )
        for position in track.sized_positions
    )
    oldest, newest = track.oldest, track.newest
    return ImageSizes(
        image,
        title,
        points,
        oldest.bytes if oldest else None,
        newest.bytes if newest else None,
        commits[track.first] if track.first else None,
    )


def _describe_change(
    image: ImageIdentity,
    finding: SizeFinding,
    commits: Sequence[WalkedCommit],
    find_image: ImageFinder,
) -> SizeChange:
    cause = _find_cause(finding, find_image)
    return SizeChange(
        image,
        commits[finding.end],
        finding.bytes or 0,
        cause.line_start,
        cause.line_end,
        cause.text,
        cause.owner_kind,
        cause.owner,
    )


def _find_cause(finding: SizeFinding, find_image: ImageFinder) -> Cause:
    old, new = finding.old, finding.new
    if old is None or new is None or old.record is None or new.record is None:
        return Cause()
    return find_cause(old.record, new.record, find_image)


def _describe_move(
    image: ImageIdentity,
    finding: SizeFinding,
    commits: Sequence[WalkedCommit],
    find_image: ImageFinder,
) -> MovedSource:
    old, new = finding.old, finding.new
    is_base = bool(old and new and compare_samples(old, new).moved_bytes)
    base = new.base if is_base and new else None
    owner = base.text if base else _find_cause(finding, find_image).owner
    ends = commits[finding.start], commits[finding.end]
    return MovedSource(image, *ends, finding.bytes or 0, owner, is_base_image=is_base)


def _describe_range(
    image: ImageIdentity,
    finding: SizeFinding,
    commits: Sequence[WalkedCommit],
    problems: Mapping[int, str],
) -> UnexaminedRange:
    inside = range(finding.start, finding.end + 1)
    texts = [problems[x] for x in inside if x in problems]
    is_broken = finding.kind is FindingKind.BROKEN
    return UnexaminedRange(
        image,
        commits[finding.start],
        commits[finding.end],
        finding.end - finding.start,
        finding.bytes,
        _REASONS[finding.kind],
        texts[0] if texts and is_broken else "",
    )
