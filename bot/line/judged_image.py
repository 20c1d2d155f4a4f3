"""The report on one image: both sides compared, held against its budgets, and advised."""

from dataclasses import replace

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
from bot.line.build_notes import list_build_notes
from bot.line.context_warnings import add_context_check
from bot.line.pins import Pins
from bot.line.production import Production
from bot.model.comparison import Comparison
from bot.model.image import BuildFailure
from bot.model.report import ImageReport, ImageState
from bot.project.image_plan import PlannedImage


def report_unbuilt(planned: PlannedImage) -> ImageReport:
    """Report on an image that nothing was built of."""
    report = ImageReport(
        planned.spec,
        planned.state,
        image_verdict((), planned.state, is_dropped=planned.is_dropped),
        Comparison(None, None),
        reason=_explain_move(planned.moved_to) if planned.moved_to else None,
        base_budget=planned.base_budget,
        is_dropped=planned.is_dropped,
        renamed_from=planned.renamed_from,
    )
    return add_context_check(report) if planned.head else report


def _explain_move(path: str) -> str:
    return f"its Dockerfile is now {path}, which is not the name of a Dockerfile, and is not built"


def compare_and_judge(
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
        notes=(*_list_notes(final, old_result, new.pins), *list_build_notes(old, new)),
        base_budget=planned.base_budget,
        is_dropped=planned.is_dropped,
        failure=final.failure,
        renamed_from=planned.renamed_from,
    )


def add_advice(advisor: Advisor, report: ImageReport, head: Production) -> ImageReport:
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


def _list_notes(final: FinalState, base_result: ImageResult, pins: Pins) -> tuple[str, ...]:
    if final.state is ImageState.HEAD_BUILD_FAILED and isinstance(base_result, BuildFailure):
        # The report says that of the failure already.
        same = final.failure and final.failure.fails_at_base
        return (
            () if same else (f"It did not build before this change either: {base_result.reason}.",)
        )
    # In no other state is there a difference that an image which moved could be part of.
    if final.state is not ImageState.CHANGED:
        return ()
    return tuple(
        f"{name} could not be pinned ({why}); if it was updated between the two builds, the "
        "difference includes that."
        for name, why in pins.unresolved.items()
    )
