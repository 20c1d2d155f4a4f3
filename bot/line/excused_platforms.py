"""Platforms that only a compose or bake file declares, and that this machine cannot run.

Where the image is reviewed for another platform, they warn. A change that makes a platform fail, or
leaves none that can be built, is an error.
"""

from collections.abc import Sequence

from bot.budget.excused_failures import excuse, list_reviewed_names
from bot.model.failures import FailureKind
from bot.model.report import ImageReport, ImageState
from bot.project.image_plan import PlannedImage


def excuse_platforms(
    planned: Sequence[PlannedImage], images: Sequence[ImageReport]
) -> tuple[ImageReport, ...]:
    """Return the reports of a plan, with a warning in place of an error for such platforms."""
    reviewed = list_reviewed_names(images)
    return tuple(
        excuse(image)
        if image.spec.name in reviewed and _fails_for_platform(declared, image)
        else image
        for declared, image in zip(planned, images, strict=True)
    )


def _fails_for_platform(planned: PlannedImage, image: ImageReport) -> bool:
    """Return True if the platform is all that is wrong with a build, also in the base."""
    failure = image.failure
    if failure is None or failure.kind is not FailureKind.PLATFORM or planned.head is None:
        return False
    if image.state is not ImageState.HEAD_BUILD_FAILED or not planned.head.is_platform_of_file:
        return False
    # No build of an earlier revision shows that this change makes it fail.
    if planned.base is None:
        return True
    is_of_file = planned.base.is_platform_of_file and image.renamed_from is None
    return is_of_file and failure.fails_at_base
