"""An image over a limit that it exceeded before this change, by more than now."""

from bot.model.report import MAX_SIZE, ImageReport, Outcome
from bot.model.sizes import format_limit, format_size
from bot.report.page import image_facts
from bot.report.page.page_model import Phrase


def describe_paid_debt(image: ImageReport) -> Phrase:
    """Describe an image that shrank and is still over its limit, to follow its name.

    Empty for other images.
    """
    checks, growth = image_facts.deciding_checks(image), image_facts.growth(image) or 0
    if image.verdict is not Outcome.WARN or image.is_dropped or growth >= 0 or len(checks) != 1:
        return ()
    (check,), before = checks, image_facts.base_size(image)
    observed, limit = check.observed, check.limit
    if check.name != MAX_SIZE or before is None or observed is None or limit is None:
        return ()
    if before <= limit:
        return ()
    shrinkage = image_facts.mark_estimate(image, format_size(-growth))
    size, over = image_facts.format_image_size(image, observed), format_size(observed - limit)
    return (
        f" shrank by {shrinkage} to {size}; still {over} over the limit of {format_limit(limit)}"
        f" ({format_size(before - limit)} before)",
    )
