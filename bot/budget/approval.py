"""The effect of an approval: growth that fails warns instead.

Apart from the judge, since a report is judged by its numbers alone and approved afterwards. The
limit on the size itself cannot be approved.
"""

from dataclasses import replace

from bot.budget.judge import image_verdict
from bot.model.report import Approval, Check, ImageReport, Outcome, Report


def apply_approval(report: Report, approval: Approval | None) -> Report:
    """Return the report with its growth approved; an invalid approval is only recorded."""
    if approval is None or not approval.is_valid:
        return replace(report, approval=approval)
    images = tuple(
        replace_checks(image, _approve_growth_checks(image, approval)) for image in report.images
    )
    return replace(report, images=images, approval=approval)


def add_approval_hint(report: Report, label: str) -> Report:
    """Return the report with a note on how to approve its growth, if any growth fails."""
    fails = any(_is_failed_growth_check(check) for image in report.images for check in image.checks)
    note = f"To let this growth pass, somebody who may write here can set the label {label!r}."
    if not fails or note in report.notes:
        return report
    return replace(report, notes=(*report.notes, note))


def job_verdict(report: Report) -> Outcome:
    """Return the verdict for the exit status of the job, which ignores approved checks."""
    images = (
        _judge(image, tuple(check for check in image.checks if not check.approved))
        for image in report.images
    )
    return Outcome.worst((*images, report.gate_verdict))


def replace_checks(image: ImageReport, checks: tuple[Check, ...]) -> ImageReport:
    """Return the image with other checks and the verdict that follows from them."""
    return replace(image, checks=checks, verdict=_judge(image, checks))


def _judge(image: ImageReport, checks: tuple[Check, ...]) -> Outcome:
    return image_verdict(checks, image.state, is_dropped=image.is_dropped, failure=image.failure)


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
    """Return True for a failed limit on growth."""
    return check.name == "max-growth" and check.result is Outcome.FAIL
