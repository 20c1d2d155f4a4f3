"""Builds that fail in pull requests of forks and Dependabot, which get no secrets: they may warn.

Only what surely lies around the build is excused. The merge queue has the secrets, and judges.
"""

from dataclasses import replace

from bot.budget.approval import replace_checks
from bot.model.report import ImageReport, Report

_NOTE = (
    "An image that a pull request of a fork or of Dependabot cannot build is a warning here "
    "(unbuildable-from-forks); the merge queue judges its size and its growth."
)


def excuse_failures(report: Report) -> Report:
    """Return the report with a warning for each build that fails for a reason around it."""
    images = tuple(_excuse(image, is_excused=True) for image in report.images)
    if images == report.images:
        return report
    notes = report.notes if _NOTE in report.notes else (*report.notes, _NOTE)
    return replace(report, images=images, notes=notes)


def drop_excuses(report: Report) -> Report:
    """Return an untrusted report without the excuses that it claims."""
    images = tuple(_excuse(image, is_excused=False) for image in report.images)
    return replace(report, images=images)


def _excuse(image: ImageReport, *, is_excused: bool) -> ImageReport:
    failure = image.failure
    if failure is None or (is_excused and not failure.kind.lies_in_surroundings):
        return image
    changed = replace(image, failure=replace(failure, is_excused=is_excused))
    return replace_checks(changed, changed.checks)
