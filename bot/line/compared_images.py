"""The comparison of images that somebody else has built, as the action makes it.

What they are judged by comes from the configuration of two commits and from the caller, as in a
review; nothing is built or started, and no image is loaded into an engine.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from bot.budget.judge import image_or_none
from bot.errors import InputError, RegistryError, ReviewError
from bot.image.archives.platforms import choose_best_platform
from bot.line.advice import Advisor
from bot.line.baselines import read_plan
from bot.line.build_input import BuildInput
from bot.line.contexts import ContextFinder
from bot.line.existing import (
    ExistingImage,
    ExistingPair,
    MeasuredPair,
    judge_pair,
    measure_pair,
    strip_version,
)
from bot.line.gate_changes import list_gate_changes
from bot.line.measurer import Measurer
from bot.line.production import Production
from bot.line.review import ReviewTools
from bot.line.review_request import ReviewRequest
from bot.model.comparison import Comparison
from bot.model.image import BuiltImage, MeasureFailure
from bot.model.image_location import parse_location
from bot.model.report import ImageReport, ImageState, Mode, Outcome, Report
from bot.model.spec import Budget, ImageSpec
from bot.project.config_file import ProjectConfig
from bot.project.image_plan import PlannedImage
from bot.project.image_selector import select_images
from bot.project.overrides import Overrides


@dataclass(frozen=True, slots=True)
class ComparedImage:
    """A reference, that of the older image if there is one, and a name of the configuration."""

    reference: str
    base_reference: str | None = None
    config_name: str | None = None

    @property
    def lasting_names(self) -> tuple[str, str]:
        """Both references without what differs from run to run."""
        base = self.base_reference
        return strip_version(self.reference), strip_version(base) if base else ""


@dataclass(frozen=True, slots=True)
class _Subject:
    """An image with its declarations in both revisions, and whether head has dropped its own."""

    image: ComparedImage
    head: ImageSpec
    base: ImageSpec | None
    base_budget: Budget | None
    is_dropped: bool = False

    @property
    def planned(self) -> PlannedImage:
        """Both declarations, as a review pairs them."""
        return PlannedImage(
            self.base, self.head, ImageState.CHANGED, self.base_budget, self.is_dropped
        )


@dataclass(frozen=True, slots=True)
class _Platform:
    """A platform to read both images for, and whether each of them has it."""

    read_as: str | None
    shown_as: str | None = None
    has_head: bool = True
    has_base: bool = False


def compare_existing(
    tools: ReviewTools, request: ReviewRequest, images: tuple[ComparedImage, ...]
) -> Report:
    """Measure and compare images, and judge them by the rules of both revisions."""
    subjects = _declare(request, images)
    declared = [x.planned for x in subjects if x.base is not None or x.head.dockerfile]
    contexts = ContextFinder(tools.git, tools.producer.parser, tools.printer)
    gate_changes = list_gate_changes(tools.git, request, declared, contexts)
    budgets = [x for subject in subjects for x in (subject.head.budget, subject.base_budget)]
    tools.producer.measurer.prepare_for(budgets)
    with ExitStack() as stack:
        root: Path | None = None
        if any(subject.head.dockerfile for subject in subjects):
            sha = request.head.commit.sha
            root = stack.enter_context(tools.git.temporary_worktree(sha)).root
        reports = tuple(
            report
            for subject in subjects
            for report in _compare_platforms(tools, request, subject, root)
        )
    return Report(
        Mode.DIFF,
        reports,
        base=request.base.to_report() if request.base else None,
        head=request.head.to_report(),
        reproduce_command=request.reproduce_command,
        limit_options=request.limit_options,
        config_path=request.config_path,
        notes=(*request.notes, *_note_common_budget(request, subjects)),
        gate_changes=gate_changes,
    )


def advise_on_pair(
    advisor: Advisor, report: ImageReport, source: BuildInput, measured: MeasuredPair
) -> ImageReport:
    """Return the report with suggestions for the newer image; nothing is built or started.

    Nothing is suggested for an image that was not measured, or was built from another file.
    """
    image = image_or_none(measured.head)
    if image is None or source.plan is None or measured.notes:
        return report
    location = parse_location(image.reference)
    built = BuiltImage(location) if location.is_in_engine else None
    advice = advisor.advise(Production(source, result=image, built=built))
    return replace(report, suggestions=advice.suggestions, notes=(*report.notes, *advice.notes))


def _declare(request: ReviewRequest, images: tuple[ComparedImage, ...]) -> tuple[_Subject, ...]:
    """Return what both revisions say of each image; no two have one name."""
    names = [image.config_name or image.lasting_names[0] for image in images]
    return tuple(
        _declare_image(request, image, name if names.count(name) == 1 else image.reference)
        for image, name in zip(images, names, strict=True)
    )


def _declare_image(request: ReviewRequest, image: ComparedImage, name: str) -> _Subject:
    """Return the declarations of an image; InputError if its name is in no configuration."""
    overrides, base_config = request.overrides, request.configs.base
    in_head = _find_spec(request.configs.head, image, overrides)
    in_base = _find_spec(base_config, image, overrides) if base_config else None
    if image.config_name and in_head is None and in_base is None:
        raise _make_unknown_error(image.config_name, request)
    has_rules = request.has_base_rules
    is_dropped = has_rules and in_head is None and in_base is not None
    head = _complete(in_head or in_base, request.configs.head, overrides, name)
    base = _complete(in_base, base_config, overrides, name) if in_base and base_config else None
    base_budget: Budget | None = None
    if has_rules:
        common = base_config.defaults.spec.budget if base_config else Budget()
        base_budget = base.budget if base else overrides.limits.apply_to(common)
    return _Subject(image, head, base, base_budget, is_dropped)


def _note_common_budget(request: ReviewRequest, subjects: tuple[_Subject, ...]) -> tuple[str, ...]:
    """Say that images are judged by the common budget, where others of the file have their own."""
    names = [x.head.name for x in subjects if x.base is None and not x.head.dockerfile]
    configs = [config for config in (request.configs.head, request.configs.base) if config]
    if not names or not any(config.images for config in configs):
        return ()
    listed = ", ".join(names)
    return (
        f"Judged by the budget of all images: {listed}. The input `images` names the image of the "
        "configuration, for its own budget and its Dockerfile.",
    )


def _make_unknown_error(name: str, request: ReviewRequest) -> InputError:
    configs = [config for config in (request.configs.head, request.configs.base) if config]
    names = [repr(spec.name) for config in configs for spec in config.images or ()]
    existing = ", ".join(dict.fromkeys(names)) or "none"
    why = f"the images of the configuration are: {existing}"
    return InputError(f"No image is called {name!r}.", why, "check the input `images`")


def _find_spec(
    config: ProjectConfig, image: ComparedImage, overrides: Overrides
) -> ImageSpec | None:
    """Return the declaration of an image by its name or Dockerfile, else the only one there is."""
    declared = config.images or ()
    if image.config_name:
        return next(iter(select_images(declared, [image.config_name])), None)
    if overrides.dockerfile:
        return next((x for x in declared if x.dockerfile == overrides.dockerfile), None)
    return declared[0] if len({spec.name for spec in declared}) == 1 else None


def _complete(
    spec: ImageSpec | None, config: ProjectConfig, overrides: Overrides, name: str
) -> ImageSpec:
    """Return a declaration with the options of the caller, for one platform of several."""
    if spec is None:
        file = overrides.dockerfile or ""
        folder = str(PurePosixPath(file).parent) if file else ""
        spec = ImageSpec(name, file, folder, budget=config.defaults.spec.budget)
    return replace(
        spec,
        name=name,
        platform=None,
        context=overrides.context or spec.context,
        target=overrides.target or spec.target,
        build_args={**spec.build_args, **overrides.build_args},
        budget=overrides.limits.apply_to(spec.budget),
    )


def _compare_platforms(
    tools: ReviewTools, request: ReviewRequest, subject: _Subject, root: Path | None
) -> Iterator[ImageReport]:
    """Yield a report for each platform of an image."""
    plan = read_plan(tools.git, tools.producer, subject.head, request.head.commit.sha)
    old_plan = None
    if request.base is not None and subject.head.dockerfile:
        old_spec = subject.base or subject.head
        old_plan = read_plan(tools.git, tools.producer, old_spec, request.base.commit.sha)
    image = subject.image
    platforms = _try_to_list(tools.producer.measurer, image, request.overrides.platforms)
    if isinstance(platforms, MeasureFailure):
        pair = ExistingPair(
            subject.head, ExistingImage(image.reference), base_budget=subject.base_budget
        )
        yield judge_pair(pair, MeasuredPair(platforms))
        return
    for platform in platforms:
        spec = replace(subject.head, platform=platform.shown_as)
        if not platform.has_head:
            yield _report_removed(spec, subject.base_budget)
            continue
        has_base = platform.has_base and image.base_reference is not None
        base = ExistingImage(image.base_reference or "", old_plan) if has_base else None
        pair = ExistingPair(
            spec,
            ExistingImage(image.reference, plan),
            base,
            subject.base_budget,
            request.skip_growth_reason,
            subject.is_dropped,
        )
        measured = _try_to_measure(tools.producer.measurer, pair, platform.read_as)
        report = _mark_unchanged(judge_pair(pair, measured))
        if root is not None and plan is not None:
            report = advise_on_pair(tools.advisor, report, BuildInput(spec, root, plan), measured)
        yield report


def _mark_unchanged(report: ImageReport) -> ImageReport:
    base, head = report.comparison.base, report.comparison.head
    is_same = base is not None and head is not None and base.image_id == head.image_id
    return replace(report, state=ImageState.UNCHANGED) if is_same else report


def _try_to_list(
    measurer: Measurer, image: ComparedImage, requested: tuple[str, ...]
) -> list[_Platform] | MeasureFailure:
    """Return the platforms to compare; a failure if one of the images does not say which it has."""
    try:
        offered = measurer.list_platforms(image.reference)
        old = measurer.list_platforms(image.base_reference) if image.base_reference else ()
    except ReviewError as problem:
        return _explain_failure(problem)
    if isinstance(offered, MeasureFailure):
        return offered
    if isinstance(old, MeasureFailure):
        return MeasureFailure(f"the older image: {old.reason}")
    return _choose_platforms(offered, old, requested)


def _choose_platforms(
    offered: tuple[str, ...], old: tuple[str, ...], requested: tuple[str, ...]
) -> list[_Platform]:
    """Return the platforms to compare: those asked for, or all of an index."""

    def has_base(platform: str) -> bool:
        # Without a list, reading it says what there is.
        return not old or choose_best_platform(old, platform) is not None

    if requested:
        return [_Platform(x, x, has_base=has_base(x)) for x in requested]
    if len(offered) < 2:
        platform = next(iter(offered), None)
        return [_Platform(platform, has_base=platform is None or has_base(platform))]
    gone = [x for x in old if choose_best_platform(offered, x) is None]
    return [
        *(_Platform(x, x, has_base=has_base(x)) for x in offered),
        *(_Platform(x, x, has_head=False, has_base=True) for x in gone),
    ]


def _try_to_measure(measurer: Measurer, pair: ExistingPair, platform: str | None) -> MeasuredPair:
    """Measure a pair; an image that is not there is a row of the report, as in a review."""
    try:
        return measure_pair(measurer, pair, platform)
    except ReviewError as problem:
        return MeasuredPair(_explain_failure(problem))


def _explain_failure(problem: ReviewError) -> MeasureFailure:
    """Return the failure of an image that a registry does not give, with what to do, or another."""
    if isinstance(problem, RegistryError) and problem.fix:
        return MeasureFailure(f"{problem.reason}; {problem.fix}")
    return MeasureFailure(problem.reason)


def _report_removed(spec: ImageSpec, base_budget: Budget | None) -> ImageReport:
    return ImageReport(
        spec,
        ImageState.REMOVED,
        Outcome.PASS,
        Comparison(None, None),
        reason="the newer image is not for this platform",
        base_budget=base_budget,
    )
