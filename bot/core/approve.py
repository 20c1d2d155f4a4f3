"""What a person's approval changes: growth that fails warns instead. The absolute cap stays a cap."""

from dataclasses import replace

from bot.core.judge import judge, verdict
from bot.core.model import Approval, Check, ImageReport, Outcome, Report


def approve(report: Report, approval: Approval | None) -> Report:
    """The report with its growth approved; one that does not count is only mentioned."""
    if approval is None or not approval.counts:
        return replace(report, approval=approval)
    images = tuple(_with_checks(image, _approved(image, approval)) for image in report.images)
    return replace(report, images=images, approval=approval)


def rejudge(report: Report) -> Report:
    """The report of a stranger as its numbers alone say: checks, verdicts and their words anew.

    Whatever it says of an approval is forgotten; only GitHub knows who set a label.
    """
    images = tuple(
        _with_checks(image, judge(image.comparison, image.spec.budget, image.state))
        for image in report.images
    )
    return replace(report, images=images, approval=None)


def gating(report: Report) -> Outcome:
    """The verdict that makes the job's colour: what is approved does not count."""
    order = list(Outcome)
    verdicts = [
        verdict(tuple(check for check in image.checks if not check.approved), image.state)
        for image in report.images
    ]
    return max(verdicts, key=order.index, default=Outcome.PASS)


def _approved(image: ImageReport, approval: Approval) -> tuple[Check, ...]:
    return tuple(
        replace(
            check,
            result=Outcome.WARN,
            reason=f"{check.reason}, approved by {approval.login}",
            approved=True,
        )
        if check.name == "max-growth" and check.result is Outcome.FAIL
        else check
        for check in image.checks
    )


def _with_checks(image: ImageReport, checks: tuple[Check, ...]) -> ImageReport:
    if checks == image.checks:
        return image
    return replace(image, checks=checks, verdict=verdict(checks, image.state))
