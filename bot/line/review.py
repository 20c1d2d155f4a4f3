"""The line, its verbs in order: plan -> build -> measure -> compare -> judge -> report.

All that it needs of the outside is handed in (`Tools`). Failure is a value: an image that cannot be
built or measured is a row in the report, not the end of it.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.budget.judge import Side, image_or_none, judge, settle, verdict
from bot.compare.compare import compare
from bot.dockerfile.stages import Dockerfile
from bot.errors import BadInput
from bot.line.advice import Advisor, Case
from bot.line.declared_images import Request, declare, read_configs
from bot.line.measurer import Measurer
from bot.line.ports import Builder, Git, Parser, Pins
from bot.model.comparison import Comparison
from bot.model.image import BuildFailed, Built, Image, Metric, Unmeasured
from bot.model.report import ImageReport, Outcome, Report, Revision, State
from bot.model.spec import ImageSpec
from bot.project.image_plan import PlannedImage, pair_images, select
from bot.pull_request.event import Commit

_UNTOUCHED = (State.UNCHANGED, State.REMOVED)


@dataclass(frozen=True, slots=True)
class Tools:
    """What a review of revisions needs of the outside."""

    git: Git
    builder: Builder
    parser: Parser
    measurer: Measurer
    advisor: Advisor


@dataclass(frozen=True, slots=True)
class Question:
    """Which commits, under which names, and how their images are to be found."""

    head: Commit
    head_name: str
    base: Commit | None = None
    base_name: str = ""
    request: Request = Request()
    skip_growth: str = ""
    command: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Side:
    """A checked-out revision and how to read its Dockerfiles."""

    name: str
    root: Path
    parser: Parser

    def dockerfile(self, path: str) -> Dockerfile | None:
        """What can be said of a Dockerfile; None where BuildKit must say what is wrong with it."""
        file = (self.root / path).resolve()
        if not file.is_relative_to(self.root.resolve()) or not file.is_file():
            return None
        try:
            return self.parser.parse(file.read_bytes())
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class _Task:
    """One image to build and measure on one side."""

    spec: ImageSpec
    side: _Side
    dockerfile: Dockerfile | None

    @property
    def label(self) -> str:
        """What progress calls it."""
        return f"{self.spec.name} ({self.side.name})"

    @property
    def foreign_images(self) -> tuple[str, ...]:
        """The images from outside that the build pulls in."""
        if self.dockerfile is None:
            return ()
        return self.dockerfile.foreign_images(self.spec.target, self.spec.build_args)


@dataclass(frozen=True, slots=True)
class _Produced:
    """What came of one image of one side, and what the engine has of it."""

    side: Side
    built: Built | None = None


def review(tools: Tools, question: Question) -> Report:
    """Builds, measures and compares every image that differs between two revisions."""
    planned = _plan(tools, question)
    with ExitStack() as stack:
        notes = list(question.notes)
        base: _Side | None = None
        head: _Side | None = None
        if any(image.state not in _UNTOUCHED for image in planned):
            head = stack.enter_context(_checked_out(tools, "head", question.head, notes))
            if question.base:
                base = stack.enter_context(_checked_out(tools, "base", question.base, notes))
            notes.append(f"Built with {tools.builder.description}.")
        images = tuple(_review_image(tools, image, base, head, question) for image in planned)
    return Report(
        mode="review",
        images=images,
        base=Revision(question.base_name, question.base.sha) if question.base else None,
        head=Revision(question.head_name, question.head.sha),
        command=question.command,
        notes=tuple(notes) if planned else (*notes, "No Dockerfile was found."),
    )


def audit(tools: Tools, question: Question) -> Report:
    """Builds and measures every image of one revision, the largest first."""
    planned = _plan(tools, replace(question, base=None))
    notes = [*question.notes]
    if planned:
        notes.append(f"Built with {tools.builder.description}.")
    with _checked_out(tools, "head", question.head, notes) as head:
        images = [_audit_image(tools, image.spec, head) for image in planned]
    images.sort(
        key=lambda image: image.comparison.head.unpacked_bytes if image.comparison.head else -1
    )
    return Report(
        mode="audit",
        images=tuple(reversed(images)),
        head=Revision(question.head_name, question.head.sha),
        command=question.command,
        notes=tuple(notes) if images else (*notes, "No Dockerfile was found."),
    )


def _plan(tools: Tools, question: Question) -> tuple[PlannedImage, ...]:
    """The images of both sides, paired; BadInput if one that is asked for by name is in neither."""
    revisions = [x.sha for x in (question.head, question.base) if x]
    configs = read_configs(tools.git, revisions, question.request)
    declared = [
        declare(tools.git, sha, config, question.request)
        for sha, config in zip(revisions, configs, strict=True)
    ]
    planned = pair_images(declared[1] if question.base else None, declared[0])
    wanted = question.request.overrides.images
    specs = [image.spec for image in planned]
    unknown = [name for name in wanted if not select(specs, [name])]
    if unknown:
        known = ", ".join(repr(spec.name) for spec in specs) or "none"
        what = f"No image is called {', '.join(repr(name) for name in unknown)}."
        raise BadInput(what, f"the images of these revisions are: {known}", "check the name")
    if any(spec.budget.metric is Metric.COMPRESSED for spec in specs):
        tools.measurer.gauge()
    return tuple(image for image in planned if select([image.spec], wanted))


@contextmanager
def _checked_out(tools: Tools, name: str, commit: Commit, notes: list[str]) -> Iterator[_Side]:
    """A revision in a worktree of its own; adds a note for what it lacks."""
    with tools.git.worktree(commit.sha) as worktree:
        missing = len(worktree.lfs_pointers)
        if missing:
            notes.append(
                f"{missing} Git LFS files of {commit.sha[:12]} are pointers, not contents."
            )
        yield _Side(name, worktree.root, tools.parser)


def _review_image(
    tools: Tools, planned: PlannedImage, base: _Side | None, head: _Side | None, question: Question
) -> ImageReport:
    if planned.state in _UNTOUCHED or head is None:
        return ImageReport(planned.spec, planned.state, Outcome.PASS, Comparison(None, None))
    tasks = [_task(planned.base, base), _task(planned.head, head)]
    pins = _pin(tools, tasks)
    with _produced(tools, tasks, pins) as (old, new):
        state, reason, log = settle(planned.state, old.side, new.side)
        comparison = compare(image_or_none(old.side), image_or_none(new.side))
        checks = judge(comparison, planned.spec.budget, state, question.skip_growth)
        report = ImageReport(
            spec=planned.spec,
            state=state,
            verdict=verdict(checks, state),
            comparison=comparison,
            reason=reason,
            log=log,
            checks=checks,
            notes=_notes(state, old.side, pins),
        )
        return _advised(tools, report, tasks[1], new.built, pins)


def _audit_image(tools: Tools, spec: ImageSpec, head: _Side) -> ImageReport:
    spec = replace(spec, budget=replace(spec.budget, max_growth=None))
    tasks = [_task(spec, head)]
    pins = _pin(tools, tasks)
    with _produced(tools, tasks, pins) as (produced,):
        state, reason, log = settle(State.NO_BASELINE, None, produced.side)
        comparison = compare(None, image_or_none(produced.side))
        checks = judge(comparison, spec.budget, state)
        report = ImageReport(spec, state, verdict(checks, state), comparison, reason, log, checks)
        return _advised(tools, report, tasks[0], produced.built, pins)


def _advised(
    tools: Tools, report: ImageReport, task: _Task | None, built: Built | None, pins: Pins
) -> ImageReport:
    """The report with what can be said of head's Dockerfile, going by its image if it was built."""
    if task is None or task.dockerfile is None:
        return report
    image = report.comparison.head
    case = Case(task.spec, task.side.root, task.dockerfile, image, built, pins, task.label)
    advised = tools.advisor.advise(case)
    notes = (*report.notes, *advised.notes)
    return replace(report, suggestions=advised.suggestions, notes=notes)


def _task(spec: ImageSpec | None, side: _Side | None) -> _Task | None:
    return _Task(spec, side, side.dockerfile(spec.dockerfile)) if spec and side else None


def _pin(tools: Tools, tasks: Sequence[_Task | None]) -> Pins:
    """Resolves the foreign images of both sides once, before either is built."""
    names = dict.fromkeys(name for task in tasks if task for name in task.foreign_images)
    platform = next((task.spec.platform for task in tasks if task), None)
    return tools.builder.pin(tuple(names), platform)


@contextmanager
def _produced(
    tools: Tools, tasks: Sequence[_Task | None], pins: Pins
) -> Iterator[Sequence[_Produced]]:
    """The sides, built back to back, then measured; nothing of it stays in the engine afterwards."""
    outcomes = [
        tools.builder.build(task.spec, task.side.root, pins, task.label) if task else None
        for task in tasks
    ]
    try:
        yield [
            _Produced(_measure(tools, task, outcome, pins), outcome)
            if task and isinstance(outcome, Built)
            else _Produced(None if isinstance(outcome, Built) else outcome)
            for task, outcome in zip(tasks, outcomes, strict=True)
        ]
    finally:
        for outcome in outcomes:
            if isinstance(outcome, Built):
                tools.builder.discard(outcome)


def _measure(tools: Tools, task: _Task, built: Built, pins: Pins) -> Image | Unmeasured:
    """Measures one built image, with what its Dockerfile knows of its layers."""
    spec, dockerfile = task.spec, task.dockerfile
    stages = dockerfile.shipped(spec.target, spec.build_args) if dockerfile else ()
    base = dockerfile.base_of(spec.target, spec.build_args) if dockerfile else None
    layers = pins.layers.get(base or "")
    return tools.measurer.measure(built.reference, spec.name, stages, layers, label=task.label)


def _notes(state: State, base: Side, pins: Pins) -> tuple[str, ...]:
    """What a reader should know besides."""
    if state is State.HEAD_BUILD_FAILED and isinstance(base, BuildFailed):
        return ("Its base revision does not build either.",)
    if state is not State.CHANGED:
        return ()
    return tuple(
        f"{name} could not be pinned ({why}); had it moved between the two builds, the difference "
        "would contain that."
        for name, why in pins.unresolved.items()
    )
