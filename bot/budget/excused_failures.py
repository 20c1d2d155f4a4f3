"""Failed builds that warn: those of forks and Dependabot, which get no secrets, and of platforms.

Of the former only what surely lies around the build is excused: the merge queue has the secrets,
and judges. A platform that only a compose or bake file declares is excused if its image is reviewed
for another one (line/excused_platforms.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.budget.approval import replace_checks
from bot.model.failures import FailureKind
from bot.model.report import ImageReport, ImageState, Report
from bot.model.spec import ImageSpec

_NOTE = (
    "An image that a pull request of a fork or of Dependabot cannot build is a warning here "
    "(unbuildable-from-forks); the merge queue judges its size and its growth."
)


def excuse_failures(report: Report) -> Report:
    """Return the report with a warning for each build that fails for a reason around it."""
    images = tuple(
        excuse(image) if image.failure and image.failure.kind.lies_in_surroundings else image
        for image in report.images
    )
    if images == report.images:
        return report
    notes = report.notes if _NOTE in report.notes else (*report.notes, _NOTE)
    return replace(report, images=images, notes=notes)


def drop_excuses(
    report: Report, has_platforms: Callable[[ImageSpec], bool] = lambda _: False
) -> Report:
    """Return an untrusted report without the excuses that it claims and that do not hold.

    That of a platform holds for an image that the report has for another one, unless trusted rules
    say for which platforms it is reviewed (`has_platforms`).
    """
    reviewed = list_reviewed_names(report.images)

    # An excuse for missing secrets is given by the job that knows the event and its inputs: a
    # report can claim it for any failure. Of a platform, the other image is in the report itself.
    def is_excused(image: ImageReport) -> bool:
        is_reviewed = image.spec.name in reviewed and not has_platforms(image.spec)
        return is_reviewed and _claims_platform(image)

    images = (excuse(image, is_excused=is_excused(image)) for image in report.images)
    return replace(report, images=tuple(images))


def list_reviewed_names(images: Sequence[ImageReport]) -> set[str]:
    """Return the names of the images that are measured, or unchanged, for some platform."""
    return {
        image.spec.name
        for image in images
        if image.comparison.head is not None or image.state is ImageState.UNCHANGED
    }


def excuse(image: ImageReport, *, is_excused: bool = True) -> ImageReport:
    """Return an image judged with an excuse for its failed build, or without one."""
    if image.failure is None:
        return image
    changed = replace(image, failure=replace(image.failure, is_excused=is_excused))
    return replace_checks(changed, changed.checks)


def _claims_platform(image: ImageReport) -> bool:
    failure = image.failure
    if failure is None or image.state is not ImageState.HEAD_BUILD_FAILED:
        return False
    return failure.is_excused and failure.kind is FailureKind.PLATFORM
