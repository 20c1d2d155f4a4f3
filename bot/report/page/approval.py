"""The approval of a growth in words: the label, the person and the time."""

from bot.model.report import ImageReport, Outcome, Report
from bot.report.page import image_facts
from bot.report.page.page_model import Phrase, Untrusted


def is_growth_approved(image: ImageReport) -> bool:
    """Return True if growth that somebody approved is the only reason for the warning."""
    deciding = image_facts.deciding_checks(image)
    approved = bool(deciding) and all(check.approved for check in deciding)
    return image.verdict is Outcome.WARN and approved


def describe_approval(report: Report) -> Phrase:
    """Say who set the label and when, and whether it counts."""
    approval = report.approval
    if approval is None:
        return ()
    label, login = Untrusted(approval.label, 100), Untrusted(approval.login, 100)
    set_at = Untrusted(approval.set_at, 100)
    if any(check.approved for image in report.images for check in image.checks):
        return ("Growth approved by ", login, " with the label ", label, " at ", set_at, ".")
    reason = (
        ": it approves the growth of that time."
        if approval.is_valid
        else ", who has no write access to this repository, so it does not count."
    )
    return ("The label ", label, " was set at ", set_at, " by ", login, reason)
