"""Verifies candidates: builds, measures, checks and starts them beside the old image.

A step that cannot be taken is named in the proof's log, and then nothing is verified.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from bot.dockerfile.build_context import BuildContext
from bot.errors import ReviewError
from bot.image.layers.streams import Unreadable
from bot.line.build_input import BuildInput
from bot.line.image_opener import ImageOpener
from bot.line.ports import ContainerRunner
from bot.line.production import MeasuredImage, Producer, Production
from bot.line.proof_draft import ProofDraft, TimeBudget
from bot.line.setting_sources import SettingSources
from bot.line.trial import OldImageRuns
from bot.line.trial_comparison import TrialComparison
from bot.line.trial_runs import TrialRuns
from bot.model.candidate import Candidate
from bot.model.image import BuildFailure, Image, MeasureFailure
from bot.model.proof import START_STEP, Proof, Regression, RegressionKind
from bot.model.sizes import format_count
from bot.verify.checks.system_packages import list_left_packages
from bot.verify.image_pair import ImagePair
from bot.verify.run_checks import check_all

# Two builds of the same program may differ by as much.
_SIZE_TOLERANCE_RATIO = 0.01


@dataclass(frozen=True, slots=True)
class VerifierTools:
    """The tools that verification needs from outside, and its minutes for one image.

    `clock` is in seconds and never goes back. `second_minutes` are for all second offers, and do
    not count for what comes before them.
    """

    producer: Producer
    container_runner: ContainerRunner
    clock: Callable[[], float]
    minutes: float = 15
    second_minutes: float = 5


class Verifier:
    """Verifies candidates for one image, one after another."""

    def __init__(
        self,
        tools: VerifierTools,
        opener: ImageOpener,
        production: Production,
        measured: MeasuredImage,
        context: BuildContext,
    ) -> None:
        """`measured` is the production's image, `context` the folder that it was built from."""
        self._producer, self._opener, self._tools = tools.producer, opener, tools
        self._old, self._old_measured, self._context = production, measured, context
        self._budget = self._start_budget(tools.minutes)
        self._old_runs = OldImageRuns(tools.container_runner, measured.reference)
        self._setting_sources = SettingSources(context, production.source.spec)

    def _start_budget(self, minutes: float) -> TimeBudget:
        return TimeBudget(self._tools.clock, self._tools.clock() + 60 * minutes)

    @contextmanager
    def second_budget(self) -> Iterator[None]:
        """Verify second offers in minutes of their own, and leave the others as they are."""
        budget, self._budget = self._budget, self._start_budget(self._tools.second_minutes)
        start = self._tools.clock()
        try:
            yield
        finally:
            spent = self._tools.clock() - start
            self._budget = replace(budget, deadline=budget.deadline + spent)

    def verify(self, candidate: Candidate) -> Proof:
        """Return everything that can be found out about a candidate, cheap steps first."""
        draft = ProofDraft(candidate)
        if not self._budget.has_time("build", draft):
            return draft.make_proof(built=False)
        source = self._make_input(candidate)
        if source.plan is None:
            draft.regressions.append(
                Regression(RegressionKind.BUILD, "Dockerfile", "It cannot be read.")
            )
            return draft.make_proof(built=False)
        # What the old build was pinned to holds for the candidate, too.
        pins = self._producer.pin(source).merge(self._old.pins)
        with self._producer.produce([source], pins) as (production,):
            return self._verify_production(production, draft)

    def _make_input(self, candidate: Candidate) -> BuildInput:
        """Return the old image's input with the candidate's Dockerfile in place of its own."""
        old = self._old.source
        return replace(
            old,
            plan=self._producer.parse_plan(old.spec, candidate.dockerfile),
            label=f"{old.label}, {candidate.rule}",
            dockerfile_text=candidate.dockerfile,
        )

    def _verify_production(self, production: Production, draft: ProofDraft) -> Proof:
        if isinstance(production.result, BuildFailure):
            draft.add_build_failure(production.result)
            return draft.make_proof(built=False)
        draft.log.append("build: done")
        self._compare_build_checks(production, draft)
        if isinstance(production.result, MeasureFailure):
            draft.skip_step("measurement", production.result.reason)
        if production.measured is None:
            return draft.make_proof()
        return self._verify_measured(production.measured, draft)

    def _compare_build_checks(self, production: Production, draft: ProofDraft) -> None:
        """Compare the warnings of BuildKit's own checks, where buildx has them (since 0.15)."""
        source, builder = production.source, self._producer.builder
        spec, pins = source.pin(production.pins)
        before = builder.check_dockerfile(
            spec, source.checkout, self._old.source.pin(production.pins)[1]
        )
        after = builder.check_dockerfile(spec, source.checkout, pins, source.dockerfile_text)
        if before is None or after is None:
            draft.log.append("BuildKit's checks: not offered by this buildx")
            return
        new = [warning for warning in after if warning not in before]
        draft.log.append(f"BuildKit's checks: {format_count(len(new), 'new warning')}")
        draft.regressions += [Regression(RegressionKind.BUILD, text, text) for text in new]

    def _verify_measured(self, new: MeasuredImage, draft: ProofDraft) -> Proof:
        old_image, image = self._old_measured.image, new.image
        saving = old_image.unpacked_bytes - image.unpacked_bytes
        draft.log.append(f"size: {image.unpacked_bytes:,} bytes, {saving:,} less")
        draft.regressions += _check_size(draft.candidate, old_image, saving)
        if draft.regressions:
            draft.skip_step("checks and start", "since the rewrite has failed already")
        else:
            self._verify_contents(new, draft)
        return draft.make_proof(image=image, saving_bytes=saving)

    def _verify_contents(self, new: MeasuredImage, draft: ProofDraft) -> None:
        """Check the files of both images, then run them."""
        try:
            with self._open_pair(new, draft.candidate) as pair:
                _run_checks(pair, draft)
                if draft.regressions:
                    draft.skip_step(START_STEP, "since checks have failed")
                    return
                comparison = TrialComparison(
                    self._old_runs,
                    new.reference,
                    self._budget,
                    draft,
                    is_other_program=pair.starts_other_program,
                )
                trials = TrialRuns(comparison, self._setting_sources)
                trials.compare_all(pair, self._old.source.spec.smoke_test)
        # A step that is skipped keeps the candidate from being verified: no check counts as passed.
        except (ReviewError, OSError, Unreadable) as problem:
            draft.skip_step("the rest", str(getattr(problem, "what", problem)))

    @contextmanager
    def _open_pair(self, new: MeasuredImage, candidate: Candidate) -> Iterator[ImagePair]:
        with (
            self._opener.open(self._old_measured, self._old.base_reference) as old_image,
            self._opener.open(new) as new_image,
        ):
            yield ImagePair(old_image, new_image, candidate, self._context)


def _run_checks(pair: ImagePair, draft: ProofDraft) -> None:
    for name, regressions in check_all(pair):
        draft.log.append(f"{name}: {_count_regressions(regressions)}")
        draft.regressions += regressions
    if left_packages := list_left_packages(pair):
        draft.log.append(f"packages that stay in the build stage: {', '.join(left_packages)}")


def _check_size(candidate: Candidate, old_image: Image, saving_bytes: int) -> Iterator[Regression]:
    """Yield a regression if an image that must shrink does not, or if any grows."""
    if candidate.must_shrink and saving_bytes <= 0:
        yield Regression(RegressionKind.SIZE, "size", "It is not smaller.")
    elif -saving_bytes > _SIZE_TOLERANCE_RATIO * old_image.unpacked_bytes:
        yield Regression(RegressionKind.SIZE, "size", "It is larger.")


def _count_regressions(regressions: Sequence[Regression]) -> str:
    return format_count(len(regressions), "regression") if regressions else "no regressions"
