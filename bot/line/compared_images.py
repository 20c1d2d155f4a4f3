"""The comparison of images that somebody else has built, as the action makes it.

What they are judged by comes from the configuration of two commits and from the caller, as in a
review; nothing is built or started, and no image is loaded into an engine.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from bot.budget.judge import image_or_none
from bot.dockerfile.build_plan import BuildPlan
from bot.errors import ReviewError
from bot.line.advice import Advisor
from bot.line.build_input import BuildInput
from bot.line.compared_platforms import ComparedPlatform, explain_failure, list_compared_platforms
from bot.line.comparison_subjects import (
    ComparedImage,
    ComparisonSubject,
    declare_subjects,
    note_common_budget,
)
from bot.line.contexts import ContextFinder
from bot.line.existing import (
    ExistingImage,
    ExistingPair,
    MeasuredPair,
    judge_pair,
    measure_pair,
)
from bot.line.gate_changes import list_gate_changes
from bot.line.measurer import Measurer
from bot.line.production import Production
from bot.line.published_baselines import read_plan
from bot.line.review import ReviewTools, make_report
from bot.line.review_request import ReviewRequest
from bot.model.comparison import Comparison
from bot.model.image import BuiltImage, MeasureFailure
from bot.model.image_location import parse_location
from bot.model.report import ImageReport, ImageState, Mode, Outcome, Report
from bot.model.spec import Budget, ImageSpec


def compare_existing(
    tools: ReviewTools, request: ReviewRequest, images: tuple[ComparedImage, ...]
) -> Report:
    """Measure and compare images, and judge them by the rules of both revisions."""
    subjects = declare_subjects(request, images)
    # An image that nobody declares has no rules of its own that could change.
    declared = [x.planned for x in subjects if x.base is not None or x.head.dockerfile]
    contexts = ContextFinder(tools.git, tools.producer.parser, tools.printer)
    gate_changes = list_gate_changes(tools.git, request, declared, contexts)
    budgets = [x for subject in subjects for x in (subject.head.budget, subject.base_budget)]
    tools.producer.measurer.prepare_for(budgets)
    with ExitStack() as stack:
        root: Path | None = None
        # Suggestions are about a Dockerfile and its context: without one nothing is checked out.
        if any(subject.head.dockerfile for subject in subjects):
            sha = request.head.commit.sha
            root = stack.enter_context(tools.git.temporary_worktree(sha)).root
        reports = tuple(
            report
            for subject in subjects
            for report in _compare_platforms(tools, request, subject, root)
        )
    notes = [*request.notes, *note_common_budget(request, subjects)]
    return replace(make_report(Mode.DIFF, request, reports, notes), gate_changes=gate_changes)


def advise_on_pair(
    advisor: Advisor, report: ImageReport, source: BuildInput, measured: MeasuredPair
) -> ImageReport:
    """Return the report with suggestions for the newer image; nothing is built or started.

    Nothing is suggested for an image that was not measured, or was built from another file.
    """
    image = image_or_none(measured.head)
    # A note says that the image was built from another file: its lines would be wrong.
    if image is None or source.plan is None or measured.notes:
        return report
    location = parse_location(image.reference)
    built = BuiltImage(location) if location.is_in_engine else None
    advice = advisor.advise(Production(source, result=image, built=built))
    return replace(report, suggestions=advice.suggestions, notes=(*report.notes, *advice.notes))


def _compare_platforms(
    tools: ReviewTools, request: ReviewRequest, subject: ComparisonSubject, root: Path | None
) -> Iterator[ImageReport]:
    """Yield a report for each platform of an image."""
    plans = _read_plans(tools, request, subject)
    image = subject.image
    platforms = list_compared_platforms(tools.producer.measurer, image, request.overrides.platforms)
    if isinstance(platforms, MeasureFailure):
        pair = ExistingPair(
            subject.head, ExistingImage(image.reference), base_budget=subject.base_budget
        )
        yield judge_pair(pair, MeasuredPair(platforms))
        return
    for platform in platforms:
        if not platform.has_head:
            spec = replace(subject.head, platform=platform.shown_as)
            yield _report_removed(spec, subject.base_budget)
            continue
        pair = _make_pair(request, subject, platform, plans)
        yield _compare_pair(tools, pair, platform, root)


def _read_plans(
    tools: ReviewTools, request: ReviewRequest, subject: ComparisonSubject
) -> tuple[BuildPlan | None, BuildPlan | None]:
    """Return the Dockerfiles of an image in head and in base, as far as they are known."""
    head = read_plan(tools.git, tools.producer, subject.head, request.head.commit.sha)
    if request.base is None or not subject.head.dockerfile:
        return head, None
    old_spec = subject.base or subject.head
    return head, read_plan(tools.git, tools.producer, old_spec, request.base.commit.sha)


def _make_pair(
    request: ReviewRequest,
    subject: ComparisonSubject,
    platform: ComparedPlatform,
    plans: tuple[BuildPlan | None, BuildPlan | None],
) -> ExistingPair:
    image, (head, base) = subject.image, plans
    has_base = platform.has_base and image.base_reference is not None
    return ExistingPair(
        replace(subject.head, platform=platform.shown_as),
        ExistingImage(image.reference, head),
        ExistingImage(image.base_reference or "", base) if has_base else None,
        subject.base_budget,
        request.skip_growth_reason,
        subject.is_dropped,
    )


def _compare_pair(
    tools: ReviewTools, pair: ExistingPair, platform: ComparedPlatform, root: Path | None
) -> ImageReport:
    measured = _try_to_measure(tools.producer.measurer, pair, platform.read_as)
    report = _mark_unchanged(judge_pair(pair, measured))
    if root is None or pair.head.plan is None:
        return report
    source = BuildInput(pair.spec, root, pair.head.plan)
    return advise_on_pair(tools.advisor, report, source, measured)


def _mark_unchanged(report: ImageReport) -> ImageReport:
    base, head = report.comparison.base, report.comparison.head
    is_same = base is not None and head is not None and base.image_id == head.image_id
    return replace(report, state=ImageState.UNCHANGED) if is_same else report


def _try_to_measure(measurer: Measurer, pair: ExistingPair, platform: str | None) -> MeasuredPair:
    """Measure a pair; an image that is not there is a row of the report, as in a review."""
    try:
        return measure_pair(measurer, pair, platform)
    except ReviewError as problem:
        return MeasuredPair(explain_failure(problem))


def _report_removed(spec: ImageSpec, base_budget: Budget | None) -> ImageReport:
    return ImageReport(
        spec,
        ImageState.REMOVED,
        Outcome.PASS,
        Comparison(None, None),
        reason="the newer image is not for this platform",
        base_budget=base_budget,
    )
