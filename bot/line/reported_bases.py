"""The images of the repository that an image is built on, in its report."""

from collections.abc import Iterable
from dataclasses import replace

from bot.line.warning_checks import add_warning
from bot.model.check_names import BASE_IMAGE_CHECK
from bot.model.image_identity import BaseUse, ImageIdentity
from bot.model.report import ImageReport
from bot.project.image_pairing import identify_image
from bot.project.image_plan import PlannedImage


def add_base_images(report: ImageReport, planned: PlannedImage) -> ImageReport:
    """Return a report with what the image is built on, and with a warning of what is not known."""
    chain = planned.head_chain or planned.base_chain
    links = chain.links if chain else ()
    uses = tuple(BaseUse(identify_image(x.image.spec), x.name, x.is_base) for x in links)
    for doubt in planned.base_doubts:
        report = add_warning(report, BASE_IMAGE_CHECK, doubt)
    return replace(report, based_on=uses) if uses else report


def list_users(images: Iterable[ImageReport]) -> tuple[ImageReport, ...]:
    """Return the reports of images, each with the images that are built on it."""
    reports = tuple(images)
    users: dict[tuple[str, str], list[ImageIdentity]] = {}
    for report in reports:
        # Whatever the platform: a stage may be of another one than its image.
        for base_name in dict.fromkeys((x.image.name, x.image.dockerfile) for x in report.based_on):
            users.setdefault(base_name, []).append(identify_image(report.spec))
    names = ((report, (report.spec.name, report.spec.dockerfile)) for report in reports)
    return tuple(
        replace(report, base_of=tuple(users[name])) if name in users else report
        for report, name in names
    )
