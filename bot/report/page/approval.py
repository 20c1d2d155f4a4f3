"""Who let which growth pass, in words."""

from bot.model.report import Approval, ImageReport, Outcome
from bot.report.page import image_facts
from bot.report.page.page_model import Phrase, Untrusted


def is_growth_approved(image: ImageReport) -> bool:
    """Whether all that is wrong with an image is growth that somebody approved."""
    broken = image_facts.deciding_checks(image)
    return image.verdict is Outcome.WARN and bool(broken) and all(x.approved for x in broken)


def describe_approval(approval: Approval | None) -> Phrase:
    """One sentence: who set the label and when, and whether it counts."""
    if approval is None:
        return ()
    label, login, at = (
        Untrusted(x, 100) for x in (approval.label, approval.login, approval.set_at)
    )
    if approval.is_valid:
        return ("Growth approved by ", login, " with the label ", label, " at ", at, ".")
    reason = ", who may not write to this repository: it does not count."
    return ("The label ", label, " was set at ", at, " by ", login, reason)
