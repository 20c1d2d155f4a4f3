"""The line, its verbs in order: plan -> build -> measure -> compare -> judge -> report.

All that it needs of the outside is handed in (`ReviewTools`). Failure is a value: an image that cannot be
built or measured is a row in the report, not the end of it.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.budget.judge import ImageResult, check_budget, final_state, image_or_none, image_verdict
from bot.compare.compare import compare_images
from bot.dockerfile.stages import Dockerfile
from bot.errors import InputError
from bot.line.advice import Advisor, Production
from bot.line.declared_images import ConfigSources, declare_images, read_configs
from bot.line.measurer import Measurer
from bot.line.ports import Builder, Git, Parser, Pins
from bot.model.comparison import Comparison
from bot.model.image import BuildFailure, BuiltImage, Image, MeasureFailure, Metric
from bot.model.report import ImageReport, ImageState, Mode, Outcome, Report, Revision
from bot.model.spec import ImageSpec
from bot.project.image_plan import PlannedImage, pair_images, select_images
from bot.pull_request.event import Commit

_STATES_WITHOUT_BUILD = (ImageState.UNCHANGED, ImageState.REMOVED)


@dataclass(frozen=True, slots=True)
class ReviewTools:
    """What a review of revisions needs of the outside."""

    git: Git
    builder: Builder
    parser: Parser
    measurer: Measurer
    advisor: Advisor


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """Which commits, under which names, and how their images are to be found."""

    head: Commit
    head_name: str
    base: Commit | None = None
    base_name: str = ""
    config_sources: ConfigSources = ConfigSources()
    skip_growth_reason: str = ""
    reproduce_command: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Checkout:
    """A checked-out revision and how to read its Dockerfiles."""

    name: str
    root: Path
    parser: Parser

    def read_dockerfile(self, path: str) -> Dockerfile | None:
        """What can be said of a Dockerfile; None where BuildKit must say what is wrong with it."""
        file = (self.root / path).resolve()
        if not file.is_relative_to(self.root.resolve()) or not file.is_file():
            return None
        try:
            return self.parser.parse_dockerfile(file.read_bytes())
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class _BuildTask:
    """One image to build and measure on one side."""

    spec: ImageSpec
    checkout: _Checkout
    dockerfile: Dockerfile | None

    @property
    def label(self) -> str:
        """What progress calls it."""
        return f"{self.spec.name} ({self.checkout.name})"

    @property
    def external_images(self) -> tuple[str, ...]:
        """The images from outside that the build pulls in."""
        if self.dockerfile is None:
            return ()
        return self.dockerfile.external_images(self.spec.target, self.spec.build_args)


@dataclass(frozen=True, slots=True)
class _BuildResult:
    """What came of one image of one side, and what the engine has of it."""

    result: ImageResult
    built: BuiltImage | None = None


def review_revisions(tools: ReviewTools, request: ReviewRequest) -> Report:
    """Builds, measures and compares every image that differs between two revisions."""
    planned = _plan_images(tools, request)
    with ExitStack() as stack:
        notes = list(request.notes)
        base: _Checkout | None = None
        head: _Checkout | None = None
        if any(image.state not in _STATES_WITHOUT_BUILD for image in planned):
            head = stack.enter_context(_check_out(tools, "head", request.head, notes))
            if request.base:
                base = stack.enter_context(_check_out(tools, "base", request.base, notes))
            notes.append(f"Built with {tools.builder.description}.")
        images = tuple(_review_image(tools, image, base, head, request) for image in planned)
    return Report(
        mode=Mode.REVIEW,
        images=images,
        base=Revision(request.base_name, request.base.sha) if request.base else None,
        head=Revision(request.head_name, request.head.sha),
        reproduce_command=request.reproduce_command,
        notes=tuple(notes) if planned else (*notes, "No Dockerfile was found."),
    )


def audit_revision(tools: ReviewTools, request: ReviewRequest) -> Report:
    """Builds and measures every image of one revision, the largest first."""
    planned = _plan_images(tools, replace(request, base=None))
    notes = [*request.notes]
    if planned:
        notes.append(f"Built with {tools.builder.description}.")
    with _check_out(tools, "head", request.head, notes) as head:
        images = [_audit_image(tools, image.spec, head) for image in planned]
    images.sort(
        key=lambda image: image.comparison.head.unpacked_bytes if image.comparison.head else -1
    )
    return Report(
        mode=Mode.AUDIT,
        images=tuple(reversed(images)),
        head=Revision(request.head_name, request.head.sha),
        reproduce_command=request.reproduce_command,
        notes=tuple(notes) if images else (*notes, "No Dockerfile was found."),
    )


def _plan_images(tools: ReviewTools, request: ReviewRequest) -> tuple[PlannedImage, ...]:
    """The images of both sides, paired; InputError if one that is asked for by name is in neither."""
    revisions = [x.sha for x in (request.head, request.base) if x]
    configs = read_configs(tools.git, revisions, request.config_sources)
    declared = [
        declare_images(tools.git, sha, config, request.config_sources)
        for sha, config in zip(revisions, configs, strict=True)
    ]
    planned = pair_images(declared[1] if request.base else None, declared[0])
    wanted = request.config_sources.overrides.images
    specs = [image.spec for image in planned]
    unknown = [name for name in wanted if not select_images(specs, [name])]
    if unknown:
        known = ", ".join(repr(spec.name) for spec in specs) or "none"
        what = f"No image is called {', '.join(repr(name) for name in unknown)}."
        raise InputError(what, f"the images of these revisions are: {known}", "check the name")
    if any(spec.budget.metric is Metric.COMPRESSED for spec in specs):
        tools.measurer.enable_measured_compression()
    return tuple(image for image in planned if select_images([image.spec], wanted))


@contextmanager
def _check_out(
    tools: ReviewTools, name: str, commit: Commit, notes: list[str]
) -> Iterator[_Checkout]:
    """A revision in a worktree of its own; adds a note for what it lacks."""
    with tools.git.temporary_worktree(commit.sha) as worktree:
        missing = len(worktree.lfs_pointers)
        if missing:
            notes.append(
                f"{missing} Git LFS files of {commit.sha[:12]} are pointers, not contents."
            )
        yield _Checkout(name, worktree.root, tools.parser)


def _review_image(
    tools: ReviewTools,
    planned: PlannedImage,
    base: _Checkout | None,
    head: _Checkout | None,
    request: ReviewRequest,
) -> ImageReport:
    if planned.state in _STATES_WITHOUT_BUILD or head is None:
        return ImageReport(planned.spec, planned.state, Outcome.PASS, Comparison(None, None))
    tasks = [_make_task(planned.base, base), _make_task(planned.head, head)]
    pins = _pin_external_images(tools, tasks)
    with _build_and_measure(tools, tasks, pins) as (old, new):
        state, reason, log = final_state(planned.state, old.result, new.result)
        comparison = compare_images(image_or_none(old.result), image_or_none(new.result))
        checks = check_budget(comparison, planned.spec.budget, state, request.skip_growth_reason)
        report = ImageReport(
            spec=planned.spec,
            state=state,
            verdict=image_verdict(checks, state),
            comparison=comparison,
            reason=reason,
            log=log,
            checks=checks,
            notes=_list_notes(state, old.result, pins),
        )
        return _add_advice(tools, report, tasks[1], new.built, pins)


def _audit_image(tools: ReviewTools, spec: ImageSpec, head: _Checkout) -> ImageReport:
    spec = replace(spec, budget=replace(spec.budget, max_growth=None))
    tasks = [_make_task(spec, head)]
    pins = _pin_external_images(tools, tasks)
    with _build_and_measure(tools, tasks, pins) as (produced,):
        state, reason, log = final_state(ImageState.NO_BASELINE, None, produced.result)
        comparison = compare_images(None, image_or_none(produced.result))
        checks = check_budget(comparison, spec.budget, state)
        report = ImageReport(
            spec, state, image_verdict(checks, state), comparison, reason, log, checks
        )
        return _add_advice(tools, report, tasks[0], produced.built, pins)


def _add_advice(
    tools: ReviewTools,
    report: ImageReport,
    task: _BuildTask | None,
    built: BuiltImage | None,
    pins: Pins,
) -> ImageReport:
    """The report with what can be said of head's Dockerfile, going by its image if it was built."""
    if task is None or task.dockerfile is None:
        return report
    image = report.comparison.head
    case = Production(
        task.spec, task.checkout.root, task.dockerfile, image, built, pins, task.label
    )
    advised = tools.advisor.advise(case)
    notes = (*report.notes, *advised.notes)
    return replace(report, suggestions=advised.suggestions, notes=notes)


def _make_task(spec: ImageSpec | None, checkout: _Checkout | None) -> _BuildTask | None:
    return (
        _BuildTask(spec, checkout, checkout.read_dockerfile(spec.dockerfile))
        if spec and checkout
        else None
    )


def _pin_external_images(tools: ReviewTools, tasks: Sequence[_BuildTask | None]) -> Pins:
    """Resolves the foreign images of both sides once, before either is built."""
    names = dict.fromkeys(name for task in tasks if task for name in task.external_images)
    platform = next((task.spec.platform for task in tasks if task), None)
    return tools.builder.pin_images(tuple(names), platform)


@contextmanager
def _build_and_measure(
    tools: ReviewTools, tasks: Sequence[_BuildTask | None], pins: Pins
) -> Iterator[Sequence[_BuildResult]]:
    """The sides, built back to back, then measured; nothing of it stays in the engine afterwards."""
    outcomes = [
        tools.builder.build(task.spec, task.checkout.root, pins, task.label) if task else None
        for task in tasks
    ]
    try:
        yield [
            _BuildResult(_measure_built(tools, task, outcome, pins), outcome)
            if task and isinstance(outcome, BuiltImage)
            else _BuildResult(None if isinstance(outcome, BuiltImage) else outcome)
            for task, outcome in zip(tasks, outcomes, strict=True)
        ]
    finally:
        for outcome in outcomes:
            if isinstance(outcome, BuiltImage):
                tools.builder.remove(outcome)


def _measure_built(
    tools: ReviewTools, task: _BuildTask, built: BuiltImage, pins: Pins
) -> Image | MeasureFailure:
    """Measures one built image, with what its Dockerfile knows of its layers."""
    spec, dockerfile = task.spec, task.dockerfile
    stages = dockerfile.final_stages(spec.target, spec.build_args) if dockerfile else ()
    base = dockerfile.base_image(spec.target, spec.build_args) if dockerfile else None
    layers = pins.diff_ids.get(base or "")
    return tools.measurer.measure(built.reference, spec.name, stages, layers, label=task.label)


def _list_notes(state: ImageState, base_result: ImageResult, pins: Pins) -> tuple[str, ...]:
    """What a reader should know besides."""
    if state is ImageState.HEAD_BUILD_FAILED and isinstance(base_result, BuildFailure):
        return ("Its base revision does not build either.",)
    if state is not ImageState.CHANGED:
        return ()
    return tuple(
        f"{name} could not be pinned ({why}); had it moved between the two builds, the difference "
        "would contain that."
        for name, why in pins.unresolved.items()
    )
