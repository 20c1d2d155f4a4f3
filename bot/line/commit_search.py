"""The search for the commits that changed the sizes of images, with plans, records and builds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.errors import ReviewError
from bot.image.archives.platforms import detect_host_platform
from bot.line.commit_builds import CommitBuilds, MeasurementStore
from bot.line.commit_plans import CommitPlans
from bot.line.declared_images import ConfigSources
from bot.line.image_trail import ImageTrail, has_own_base
from bot.line.ports import Progress
from bot.line.recorded_images import RecordedImages
from bot.line.report_history import StoreOpener
from bot.line.review import ReviewTools
from bot.line.review_request import ReviewRequest
from bot.line.since_facts import describe_track
from bot.model.audit import AuditFacts
from bot.model.image import Image
from bot.model.report import Mode, Report
from bot.model.since import SinceFacts, WalkedCommit
from bot.model.sizes import format_count
from bot.project.image_plan import PlannedImage
from bot.records.record import ImageKey, Record
from bot.since.samples import make_sample
from bot.since.search import choose_ignored_bytes, choose_next, is_of_one_commit
from bot.since.track import Track

_MAX_RECORDS = 10_000  # of one image


@dataclass(frozen=True, slots=True)
class SinceRequest:
    """The audit of a revision, and since when its commits are asked for.

    `covers_all` to measure every commit that can matter. `drops_needs` for a revision that anybody
    may have written.
    """

    audit: ReviewRequest
    sources: ConfigSources
    since: str
    covers_all: bool = False
    drops_needs: bool = False


@dataclass(frozen=True, slots=True)
class SinceTools:
    """The tools of a review, and those of a search; `read_clock` returns seconds."""

    review: ReviewTools
    open_store: StoreOpener
    measurements: MeasurementStore
    progress: Progress
    read_clock: Callable[[], float]


def audit_since(tools: SinceTools, request: SinceRequest) -> Report:
    """Find the commits that changed the sizes of a revision's images.

    Ctrl-C ends the search, and not the report: what is known by then is in it.
    """
    git, audit = tools.review.git, request.audit
    commits = git.list_commits_since(request.since, audit.head.commit)
    search = _Search(tools, request, commits)
    search.run()
    facts = search.describe()
    return Report(
        Mode.AUDIT,
        (),
        head=audit.head.to_report(),
        reproduce_command=audit.reproduce_command,
        config_path=audit.config_path,
        notes=(*audit.notes, *search.notes),
        audit=AuditFacts(audit.repository, audit.made_at),
        since=facts,
    )


@dataclass
class _ImageSearch:
    """The search for one image."""

    planned: PlannedImage
    track: Track
    trail: ImageTrail
    problems: dict[int, str] = field(default_factory=dict)
    is_done: bool = False

    @property
    def urgency(self) -> tuple[bool, int]:
        """The order among several images: those without sizes at both ends, the largest change."""
        positions = self.track.sized_positions
        ends = [positions[0], positions[-1]] if positions else []
        has_ends = ends == [self.track.first, self.track.last]
        changes = [
            abs(interval.change.commit_bytes)
            for interval in self.track.intervals
            if not is_of_one_commit(interval, self.trail)
        ]
        return not has_ends, max(changes, default=0)


class _Search:
    """The search for all images, the largest net change first."""

    def __init__(
        self, tools: SinceTools, request: SinceRequest, commits: Sequence[WalkedCommit]
    ) -> None:
        self._tools, self._request, self._commits = tools, request, commits
        review, audit = tools.review, request.audit
        # Older commits may have the image under a name that the selection does not know.
        all_images = replace(audit, overrides=replace(audit.overrides, images=()))
        ports = (review.git, review.producer.parser, review.printer)
        self._plans = CommitPlans(
            ports, all_images, request.sources, commits, drops_needs=request.drops_needs
        )
        self._builds = CommitBuilds(review, self._plans, tools.measurements)
        self._started = tools.read_clock()
        self._notes: list[str] = []
        self._recorded = 0
        self._is_interrupted, self._problem = False, ""
        self._images: list[_ImageSearch] = []
        self._history: RecordedImages | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what was missing."""
        return tuple(dict.fromkeys((*self._notes, *self._plans.notes, *self._builds.notes)))

    def run(self) -> None:
        """Search until nothing is left that is worth a build, or until Ctrl-C."""
        try:
            self._images = self._list_images()
            # The image with the largest open question first, so that Ctrl-C loses the least.
            while pending := [image for image in self._images if not image.is_done]:
                self._advance(max(pending, key=lambda image: image.urgency))
        except KeyboardInterrupt:
            self._is_interrupted = True
            self._notes.append("The search was interrupted; the same command goes on from here.")
        # An engine that stops after an hour must not lose what was measured until then.
        except ReviewError as problem:
            if not any(image.track.sized_positions for image in self._images):
                raise
            self._problem = problem.reason
            self._notes.append(f"The search ended early. {problem.reason}.")

    def describe(self) -> SinceFacts:
        """Return what is known."""
        parts = [
            describe_track(
                (image.planned.spec, image.track, image.trail),
                self._commits,
                image.problems,
                self._find_image,
            )
            for image in self._images
        ]
        changes = [change for part in parts for change in part.changes]
        return SinceFacts(
            self._request.since,
            self._commits[0],
            len(self._commits) - 1,
            images=tuple(part.sizes for part in parts),
            changes=tuple(sorted(changes, key=lambda change: -abs(change.bytes))),
            moved=tuple(x for part in parts for x in part.moved),
            unexamined=tuple(x for part in parts for x in part.unexamined),
            builds=self._builds.builds,
            recorded=self._recorded,
            reused=self._builds.reused,
            covers_all=self._request.covers_all,
            is_interrupted=self._is_interrupted,
            problem=self._problem,
        )

    def _find_image(self, record: Record) -> Image | None:
        """Return the image of a record of this run, or of the history."""
        image = self._builds.find_image(record)
        if image is None and self._history is not None:
            return self._history.read_image(record)
        return image

    def _list_images(self) -> list[_ImageSearch]:
        last = len(self._commits) - 1
        planned = self._plans.declare(last, self._request.audit)
        self._history, oldest = self._open_history(), self._plans.declare(0)
        return [self._make_search(image, oldest) for image in planned if image.head]

    def _open_history(self) -> RecordedImages | None:
        history = self._request.audit.history
        if history is None:
            return None
        # Records want the newest first, and older commits than those of the search are of no use.
        shas = [commit.sha for commit in reversed(self._commits)]
        store, head = self._tools.open_store(history), self._request.audit.head.commit
        return RecordedImages(self._tools.review.git, store, head, shas, _MAX_RECORDS)

    def _make_search(self, planned: PlannedImage, oldest: list[PlannedImage]) -> _ImageSearch:
        spec = planned.spec
        track = Track(0, len(self._commits) - 1)
        records = self._read_records(planned)
        track.recorded |= {
            position: make_sample(record, has_own_base=has_own_base(planned))
            for position, record in records.items()
        }
        names = {x: record.key.name for x, record in records.items()}
        trail = ImageTrail(self._plans, planned, track, names, self._show_plan)
        if any(image.head and image.head.key == spec.key for image in oldest):
            trail.set_key(0, spec.key)
        elif 0 not in names:
            trail.find(0, track.last)  # where it came from, under whatever name
        return _ImageSearch(planned, track, trail)

    def _read_records(self, planned: PlannedImage) -> dict[int, Record]:
        history = self._history
        if history is None:
            return {}
        positions = {commit.sha: x for x, commit in enumerate(self._commits)}
        platform = planned.spec.platform or detect_host_platform()
        listed = history.find(ImageKey(planned.spec.name, platform))
        self._notes += history.notes
        self._recorded += len(listed)
        return {positions[record.commit]: record for record in listed}

    def _advance(self, image: _ImageSearch) -> None:
        position = choose_next(
            image.track,
            image.trail,
            covers_all=self._request.covers_all,
            ignored_bytes=choose_ignored_bytes(map(_sum_changes, self._images)),
        )
        if position is None:
            image.is_done = True
            return
        self._show_count(image, position)
        result = self._builds.measure(position, image.trail.find_key(position))
        if isinstance(result, Record):
            sample = make_sample(result, has_own_base=has_own_base(image.planned))
            image.track.measured[position] = sample
        else:
            image.track.failed.add(position)
            image.problems[position] = result

    def _show_plan(self, position: int) -> None:
        if position % 100 == 0:
            self._tools.progress.write_line(f"plan commit {position} of {len(self._commits) - 1}")

    def _show_count(self, image: _ImageSearch, position: int) -> None:
        """Write what was done so far, and what at least remains for the largest interval."""
        sizes = [x for x in self._images if not x.is_done]
        remaining = max((_count_remaining(x) for x in sizes), default=0)
        seconds = round(self._tools.read_clock() - self._started)
        self._tools.progress.write_line(
            f"{image.planned.spec.shown_name} at {self._commits[position].sha[:12]}: "
            f"{format_count(self._builds.builds, 'build')} so far, about {remaining} to go; "
            f"{seconds // 60}:{seconds % 60:02}"
        )


def _sum_changes(image: _ImageSearch) -> int:
    """Return the net change that commits made, as far as it is known."""
    return sum(interval.change.commit_bytes for interval in image.track.intervals)


def _count_candidates(image: _ImageSearch, start: int, end: int) -> int:
    """Return how many commits of an interval can matter, or all of them before that is known."""
    planned = image.trail.get_planned(start, end)
    return end - start if planned is None else len(planned)


def _count_remaining(image: _ImageSearch) -> int:
    """Return how many builds it takes to halve the largest interval down to one commit."""
    ends = sum(x not in image.track.sized_positions for x in (image.track.first, image.track.last))
    lengths = [_count_candidates(image, x.start, x.end) for x in image.track.intervals]
    largest = max(lengths, default=image.track.last - image.track.first)
    return ends + max(largest - 1, 0).bit_length()
