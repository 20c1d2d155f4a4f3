"""What a person's approval changes: growth that fails warns instead. The absolute cap stays a cap."""

from dataclasses import replace

from bot.budget.judge import image_verdict
from bot.model.report import Approval, Check, ImageReport, Outcome, Report


def apply_approval(report: Report, approval: Approval | None) -> Report:
    """The report with its growth approved; one that does not count is only mentioned."""
    if approval is None or not approval.is_valid:
        return replace(report, approval=approval)
    images = tuple(
        replace_checks(image, _approve_growth_checks(image, approval)) for image in report.images
    )
    return replace(report, images=images, approval=approval)


def add_approval_hint(report: Report, label: str) -> Report:
    """The report, saying how its growth could be approved, where some fails and nobody has."""
    fails = any(_is_failed_growth_check(check) for image in report.images for check in image.checks)
    note = f"To let this growth pass, somebody who may write here can set the label {label!r}."
    if not fails or note in report.notes:
        return report
    return replace(report, notes=(*report.notes, note))


def job_verdict(report: Report) -> Outcome:
    """The verdict that makes the job's colour: what is approved does not count."""
    return Outcome.worst(
        image_verdict(tuple(check for check in image.checks if not check.approved), image.state)
        for image in report.images
    )


def replace_checks(image: ImageReport, checks: tuple[Check, ...]) -> ImageReport:
    """The image judged by other checks."""
    if checks == image.checks:
        return image
    return replace(image, checks=checks, verdict=image_verdict(checks, image.state))


def _approve_growth_checks(image: ImageReport, approval: Approval) -> tuple[Check, ...]:
    return tuple(
        replace(
            check,
            result=Outcome.WARN,
            reason=f"{check.reason}, approved by {approval.login}",
            approved=True,
        )
        if _is_failed_growth_check(check)
        else check
        for check in image.checks
    )


def _is_failed_growth_check(check: Check) -> bool:
    """Whether a check is of growth, and fails."""
    return check.name == "max-growth" and check.result is Outcome.FAIL
