"""A review in order: plan, build, measure, compare, judge, advise, report.

All that it needs from outside is handed in (`ReviewTools`). Failure is a value: an image that
cannot be built or measured is a row in the report, not the end of the review.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.budget.judge import (
    FinalState,
    ImageResult,
    check_budgets,
    final_state,
    image_verdict,
)
from bot.compare.compare import compare_images
from bot.dockerfile.source_text import MAX_DOCKERFILE_BYTES
from bot.line.advice import Advisor
from bot.line.gate_changes import list_gate_changes
from bot.line.missing_content import add_lfs_check, add_submodules_check, select_submodules
from bot.line.ports import Git, Pins, Worktree
from bot.line.production import BuildInput, Producer, Production
from bot.line.review_request import ReviewedRevision, ReviewRequest, plan_images
from bot.model.comparison import Comparison
from bot.model.image import BuildFailure, Metric
from bot.model.report import ImageReport, ImageState, Mode, Report, Revision
from bot.model.spec import ImageSpec
from bot.project.image_plan import PlannedImage

_STATES_WITHOUT_BUILD = (ImageState.UNCHANGED, ImageState.REMOVED)


@dataclass(frozen=True, slots=True)
class ReviewTools:
    """The tools that a review of revisions needs from outside."""

    git: Git
    producer: Producer
    advisor: Advisor


@dataclass(frozen=True, slots=True)
class _Checkout:
    """The folder of a checked-out revision, and which side of the comparison it is."""

    side: str
    sha: str
    worktree: Worktree

    @property
    def root(self) -> Path:
        """The folder."""
        return self.worktree.root

    def read_file(self, path: str) -> bytes | None:
        """Return a Dockerfile's content, or None if the checkout has no such file inside of it.

        None also for one that is too large to be parsed.
        """
        file = Path(os.path.realpath(self.root / path))  # resolve() raises for links in a circle
        if not file.is_relative_to(self.root.resolve()) or not file.is_file():
            return None
        with file.open("rb") as opened:
            content = opened.read(MAX_DOCKERFILE_BYTES + 1)
        return content if len(content) <= MAX_DOCKERFILE_BYTES else None


def review_revisions(tools: ReviewTools, request: ReviewRequest) -> Report:
    """Build, measure and compare every image that differs between two revisions."""
    planned = _plan_images(tools, request)
    gate_changes = list_gate_changes(tools.git, request, planned)
    with ExitStack() as stack:
        notes = list(request.notes)
        base: _Checkout | None = None
        head: _Checkout | None = None
        if any(image.state not in _STATES_WITHOUT_BUILD for image in planned):
            head = stack.enter_context(_check_out(tools, "head", request.head, notes))
            if request.base:
                base = stack.enter_context(_check_out(tools, "base", request.base, notes))
            notes.append(f"Built with {tools.producer.builder.description}.")
        images = tuple(_review_image(tools, image, base, head, request) for image in planned)
    return replace(_make_report(Mode.REVIEW, request, images, notes), gate_changes=gate_changes)


def audit_revision(tools: ReviewTools, request: ReviewRequest) -> Report:
    """Build and measure every image of one revision, the largest first."""
    request = replace(request, base=None)
    planned = _plan_images(tools, request)
    notes = [*request.notes]
    if planned:
        notes.append(f"Built with {tools.producer.builder.description}.")
    with _check_out(tools, "head", request.head, notes) as head:
        images = [_audit_image(tools, image.spec, head) for image in planned]
    images.sort(
        key=lambda image: image.comparison.head.unpacked_bytes if image.comparison.head else -1
    )
    return _make_report(Mode.AUDIT, request, tuple(reversed(images)), notes)


def _make_report(
    mode: Mode, request: ReviewRequest, images: tuple[ImageReport, ...], notes: list[str]
) -> Report:
    return Report(
        mode=mode,
        images=images,
        base=_to_report_revision(request.base) if request.base else None,
        head=_to_report_revision(request.head),
        reproduce_command=request.reproduce_command,
        limit_options=request.limit_options,
        config_path=request.config_path,
        notes=tuple(notes) if images else (*notes, "No Dockerfile was found."),
    )


def _to_report_revision(revision: ReviewedRevision) -> Revision:
    return Revision(revision.name, revision.commit.sha)


def _plan_images(tools: ReviewTools, request: ReviewRequest) -> tuple[PlannedImage, ...]:
    """Pair the images, and turn on what their budgets need to be measured."""
    planned = plan_images(tools.git, request)
    # A budget on compressed sizes needs the closer estimate, which has to read all contents.
    budgets = [budget for image in planned for budget in (image.spec.budget, image.base_budget)]
    if any(budget is not None and budget.metric is Metric.COMPRESSED for budget in budgets):
        tools.producer.measurer.enable_measured_compression()
    return planned


@contextmanager
def _check_out(
    tools: ReviewTools, side: str, revision: ReviewedRevision, notes: list[str]
) -> Iterator[_Checkout]:
    """Check out a revision into a temporary worktree; add a note about what is missing there."""
    sha = revision.commit.sha
    with tools.git.temporary_worktree(sha) as worktree:
        if count := len(worktree.lfs_pointers):
            files = "1 Git LFS file" if count == 1 else f"{count} Git LFS files"
            verb = "is a pointer" if count == 1 else "are pointers"
            notes.append(f"{files} of {sha[:12]} {verb}, without content.")
        notes += worktree.notes
        yield _Checkout(side, sha, worktree)


def _review_image(
    tools: ReviewTools,
    planned: PlannedImage,
    base: _Checkout | None,
    head: _Checkout | None,
    request: ReviewRequest,
) -> ImageReport:
    if planned.state in _STATES_WITHOUT_BUILD or head is None or planned.head is None:
        return _report_unbuilt(planned)
    sources = [_make_input(tools.producer, planned.head, head)]
    if planned.base and base:
        sources.insert(0, _make_input(tools.producer, planned.base, base))
    pins = tools.producer.pin(*sources)
    with tools.producer.produce(sources, pins) as productions:
        new = productions[-1]
        old = productions[0] if len(productions) > 1 else None
        report = _compare_and_judge(planned, old, new, request.skip_growth_reason)
        if base and old:
            report = _add_content_checks(tools.git, planned, report, base, head)
        return _add_advice(tools.advisor, report, new)


def _add_content_checks(
    git: Git, planned: PlannedImage, report: ImageReport, base: _Checkout, head: _Checkout
) -> ImageReport:
    """Return the report with warnings about contents that the builds lacked."""
    report = add_lfs_check(report, base.worktree.lfs_pointers, head.worktree.lfs_pointers)
    return add_submodules_check(
        report,
        select_submodules(git, planned.base, base.sha, base.worktree.submodules),
        select_submodules(git, planned.head, head.sha, head.worktree.submodules),
    )


def _report_unbuilt(planned: PlannedImage) -> ImageReport:
    """Report on an image that nothing was built of."""
    return ImageReport(
        planned.spec,
        planned.state,
        image_verdict((), planned.state, is_dropped=planned.is_dropped),
        Comparison(None, None),
        reason=_explain_move(planned.moved_to) if planned.moved_to else None,
        base_budget=planned.base_budget,
        is_dropped=planned.is_dropped,
        renamed_from=planned.renamed_from,
    )


def _explain_move(path: str) -> str:
    return f"its Dockerfile is now {path}, which is no name of a Dockerfile, and is not built"


def _audit_image(tools: ReviewTools, spec: ImageSpec, head: _Checkout) -> ImageReport:
    spec = replace(spec, budget=replace(spec.budget, max_growth=None))
    source = _make_input(tools.producer, spec, head)
    with tools.producer.produce([source], tools.producer.pin(source)) as (new,):
        planned = PlannedImage(None, spec, ImageState.NO_BASELINE)
        return _add_advice(tools.advisor, _compare_and_judge(planned, None, new), new)


def _make_input(producer: Producer, spec: ImageSpec, checkout: _Checkout) -> BuildInput:
    text = checkout.read_file(spec.dockerfile)
    plan = None if text is None else producer.parse_plan(spec, text)
    return BuildInput(spec, checkout.root, plan, label=f"{spec.name} ({checkout.side})")


def _compare_and_judge(
    planned: PlannedImage, old: Production | None, new: Production, skip_growth_reason: str = ""
) -> ImageReport:
    """Compare both sides of an image and hold them against its budgets."""
    old_result = old.result if old else None
    final = final_state(planned.state, old_result, new.result)
    comparison = compare_images(old.image if old else None, new.image)
    budgets = (planned.spec.budget, planned.base_budget)
    checks = check_budgets(
        comparison, budgets, final.state, skip_growth_reason, planned.removed_beside
    )
    return ImageReport(
        spec=planned.spec,
        state=final.state,
        verdict=image_verdict(
            checks, final.state, is_dropped=planned.is_dropped, failure=final.failure
        ),
        comparison=comparison,
        reason=final.reason,
        log=final.log,
        checks=checks,
        notes=(*_list_notes(final, old_result, new.pins), *_list_build_notes(old, new)),
        base_budget=planned.base_budget,
        is_dropped=planned.is_dropped,
        failure=final.failure,
        renamed_from=planned.renamed_from,
    )


def _add_advice(advisor: Advisor, report: ImageReport, head: Production) -> ImageReport:
    """Return the report with suggestions for head's Dockerfile, if that can be parsed."""
    if head.source.plan is None:
        return replace(report, notes=(*report.notes, *_note_large_dockerfile(head)))
    advice = advisor.advise(head)
    notes = (*report.notes, *advice.notes)
    return replace(report, suggestions=advice.suggestions, notes=notes)


def _note_large_dockerfile(head: Production) -> tuple[str, ...]:
    file = head.source.checkout / head.source.spec.dockerfile
    if head.image is None or not file.is_file() or file.stat().st_size <= MAX_DOCKERFILE_BYTES:
        return ()
    limit = f"{MAX_DOCKERFILE_BYTES // 1_000_000} MB"
    return (
        f"Its Dockerfile has more than {limit} and was built without being read: base images are "
        "not pinned, and nothing is suggested.",
    )


def _list_build_notes(*productions: Production | None) -> tuple[str, ...]:
    """Return what the builds of both sides lacked, once."""
    built = (x.built for x in productions if x and x.built)
    return tuple(dict.fromkeys(note for image in built for note in image.notes))


def _list_notes(final: FinalState, base_result: ImageResult, pins: Pins) -> tuple[str, ...]:
    if final.state is ImageState.HEAD_BUILD_FAILED and isinstance(base_result, BuildFailure):
        same = final.failure and final.failure.fails_at_base
        return () if same else (f"Its base revision does not build either: {base_result.reason}.",)
    if final.state is not ImageState.CHANGED:
        return ()
    return tuple(
        f"{name} could not be pinned ({why}); if it was updated between the two builds, the "
        "difference includes that."
        for name, why in pins.unresolved.items()
    )
