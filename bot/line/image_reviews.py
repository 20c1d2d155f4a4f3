"""One image of a review or an audit after another: built, measured, judged and advised on.

What is recorded stands in for a build that would have nothing else to say.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from bot.line.advice import Advisor
from bot.line.build_input import BuildInput
from bot.line.build_keys import make_build_key
from bot.line.build_notes import add_preparation_check
from bot.line.checkout import Checkout
from bot.line.failure_causes import find_cause
from bot.line.judged_image import add_advice, compare_and_judge, report_unbuilt
from bot.line.known_baselines import KnownBaseline, KnownPair, find_known_baseline, judge_known
from bot.line.known_images import KnownImages
from bot.line.missing_content import add_content_checks
from bot.line.pins import Pins
from bot.line.ports import Git
from bot.line.production import Producer, Production
from bot.line.published_baselines import judge_published, read_baseline
from bot.line.reported_bases import add_base_images
from bot.line.review_request import ReviewRequest
from bot.model.build_key import BuildKey, RecordedCommit
from bot.model.image import Image
from bot.model.report import Baseline, BaselineSource, ImageReport, Outcome
from bot.project.image_plan import PlannedImage
from bot.records.record import Record

_SIDES = 2


@dataclass(frozen=True, slots=True)
class ImageTurn:
    """An image with the inputs of its sides, base's first, and with what is recorded of it.

    `builds` are those that are built in any case. `baseline` may stand in for base's build, and
    `recorded` does so for head's, in an audit, which knows the `key` of head's build by then.
    """

    planned: PlannedImage
    sources: Sequence[BuildInput]
    builds: Sequence[BuildInput]
    baseline: KnownBaseline | None = None
    key: BuildKey | None = None
    recorded: tuple[Record, Image] | None = None


@dataclass(frozen=True, slots=True)
class ImageReviewer:
    """Makes the reports on images, from the checkouts of a request.

    `base` is None without one, `known_images` without a history, `head` if nothing is to be built.
    """

    git: Git
    producer: Producer
    advisor: Advisor
    request: ReviewRequest
    known_images: KnownImages | None
    base: Checkout | None
    head: Checkout | None

    def prepare_review(self, planned: PlannedImage, sources: Sequence[BuildInput]) -> ImageTurn:
        """Return an image with the record of its base, if there is one of the same key."""
        # Head is always built, so that a record can only save the build of base.
        is_pair = len(sources) == _SIDES
        if self.known_images is None or self.base is None or not is_pair:
            return ImageTurn(planned, sources, sources)
        pair = KnownPair(planned, self.base, (sources[0], sources[1]))
        baseline = find_known_baseline(
            self.known_images, self.producer, pair, keeps_bases=self.request.is_accepted
        )
        if baseline is None:
            return ImageTurn(planned, sources, sources)
        sources = baseline.pair.sources
        # Base's build is not begun: the turn needs it only if head does not plainly pass.
        return ImageTurn(planned, sources, sources[1:], baseline)

    def review(self, turn: ImageTurn) -> ImageReport:
        """Compare an image with base's, which is built unless a record of it will do."""
        planned, sources = turn.planned, turn.sources
        if not sources or self.head is None:
            return add_base_images(report_unbuilt(planned), planned)
        pins = self.producer.pin(*sources)
        with ExitStack() as stack:
            *olds, new = stack.enter_context(self.producer.produce(turn.builds, pins))
            report = self._judge_known(turn.baseline, new)
            if report is None:
                if turn.baseline:
                    # Head's image is still there, and base is built on the same pins.
                    olds = stack.enter_context(self.producer.produce(sources[:-1], pins))
                new = find_cause(self.git, self.head.sha, new)
                report = self._judge_built(planned, olds, new)
            report = replace(report, build_key=self._make_key(planned, sources[-1], pins))
            # Before the images are removed: suggestions are verified beside head's.
            return add_advice(self.advisor, add_base_images(report, planned), new)

    def prepare_audit(self, planned: PlannedImage, sources: Sequence[BuildInput]) -> ImageTurn:
        """Return an image with the record of it, if there is one of the same key."""
        # Without a base, a limit on growth would warn of every image that it cannot be judged.
        budget = replace(planned.spec.budget, max_growth=None, warn_growth=None)
        planned = replace(planned, head=replace(planned.spec, budget=budget))
        key = self._make_key(planned, sources[-1], self.producer.pin(*sources))
        # To verify a suggestion, there has to be an image to compare with.
        if self.known_images is None or key is None or self.advisor.verifier_tools:
            return ImageTurn(planned, sources, sources, key=key)
        recorded = self.known_images.find(planned.spec, key)
        return ImageTurn(planned, sources, () if recorded else sources, key=key, recorded=recorded)

    def audit(self, turn: ImageTurn) -> ImageReport:
        """Report on an image alone, which is built unless it was measured before."""
        planned, sources = turn.planned, turn.sources
        pins = self.producer.pin(*sources)
        if turn.recorded:
            source = Production(sources[-1], pins)
            return self._report_known(planned, source, turn.key, *turn.recorded)
        with self.producer.produce(sources, pins) as (production,):
            sha = self.request.head.commit.sha
            new = find_cause(self.git, sha, production)
            report = compare_and_judge(planned, None, new)
            # Nothing to compare with: every file that is not there makes a size too small.
            if self.head:
                report = add_content_checks(self.git, planned, report, None, self.head)
            report = replace(add_base_images(report, planned), build_key=turn.key)
            return add_advice(self.advisor, report, new)

    def _report_known(
        self,
        planned: PlannedImage,
        source: Production,
        key: BuildKey | None,
        record: Record,
        image: Image,
    ) -> ImageReport:
        """Return the report on an image that a record describes; no file of it is at hand."""
        report = compare_and_judge(planned, None, replace(source, result=image))
        report = replace(
            add_base_images(report, planned),
            build_key=key,
            recorded_at=RecordedCommit(record.commit, record.date),
            notes=(describe_record(record), *report.notes),
        )
        return add_advice(self.advisor, report, source)

    def _judge_known(self, baseline: KnownBaseline | None, new: Production) -> ImageReport | None:
        """Return the report with a record of base; None if base has to be built after all."""
        if self.known_images is None or baseline is None:
            return None
        reason = self.request.skip_growth_reason
        report = judge_known(self.known_images.recorded, baseline, new, reason)
        if report is None or self.head is None:
            return None
        report = add_content_checks(self.git, baseline.pair.planned, report, None, self.head)
        # Without base's checkout each pointer of head's context counts as a difference. What that
        # warns about is judged with a build of base, which shows if it has the same.
        return report if report.verdict is Outcome.PASS else None

    def _judge_built(
        self, planned: PlannedImage, olds: Sequence[Production], new: Production
    ) -> ImageReport:
        """Return the report with the build of base, or with its published image."""
        base, head = self.base, self.head
        old = find_cause(self.git, base.sha, olds[0]) if base and olds else None
        report = compare_and_judge(planned, old, new, self.request.skip_growth_reason)
        report = add_preparation_check(report, old, new)
        report = self._add_baseline(report, planned, new)
        # Of an image that is new, all that is missing is: a limit on its size holds for that, too.
        if head and (base or planned.spec.baseline):
            report = add_content_checks(self.git, planned, report, base if old else None, head)
        return report

    def _add_baseline(
        self, report: ImageReport, planned: PlannedImage, new: Production
    ) -> ImageReport:
        """Return the report compared with the published image, or saying that base was built."""
        request = self.request
        if planned.base is None or request.base is None:
            return report
        base = request.base.commit
        if not planned.spec.baseline:
            return replace(report, baseline=Baseline(BaselineSource.BUILT, base.sha))
        # Only now, as it is read for the platform of head's image.
        published = read_baseline(self.git, self.producer, planned.spec, base, new.result)
        return judge_published(report, published, new.result, request.skip_growth_reason)

    def _make_key(self, planned: PlannedImage, source: BuildInput, pins: Pins) -> BuildKey | None:
        """Return the key of head's build; None without a history, which alone needs it."""
        if self.known_images is None or self.head is None:
            return None
        inputs = self.known_images.digest_inputs(planned.head_chain, self.head)
        return make_build_key(inputs, self.producer, source, pins)


def describe_record(record: Record) -> str:
    """Say why an image was not built, and what is missing for it."""
    return (
        f"Not built again: it was measured at {record.commit[:12]} ({record.date[:10]}), and "
        "nothing that goes into it has changed since. A record has no files: the largest files and "
        "folders, the causes of waste and the savings of suggestions are missing here."
    )
