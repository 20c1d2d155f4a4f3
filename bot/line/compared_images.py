"""Advice on images that somebody else has built, by the Dockerfile that they come from."""

from dataclasses import replace

from bot.budget.judge import image_or_none
from bot.line.advice import Advisor
from bot.line.build_input import BuildInput
from bot.line.existing import MeasuredPair
from bot.line.production import Production
from bot.model.image import BuiltImage
from bot.model.image_location import parse_location
from bot.model.report import ImageReport


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
