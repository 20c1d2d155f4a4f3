"""A download over its limit, or one that dwarfs the growth."""

from bot.model.report import Check, ImageReport
from bot.model.sizes import format_limit, format_size
from bot.report.page import image_facts
from bot.report.page.large_downloads import (
    explain_download,
    find_download,
    has_large_download,
)
from bot.report.page.layer_causes import (
    describe_layer_excess,
    list_checks_of_no_size,
)
from bot.report.page.limit_words import is_about_pull
from bot.report.page.page_model import Phrase, join_phrases
from bot.report.page.small_sizes import is_small


def list_pull_checks(image: ImageReport) -> list[Check]:
    """Return the limits on downloads that decide the verdict, if no limit on a size does."""
    return [check for check in list_checks_of_no_size(image) if is_about_pull(check)]


def describe_excess(image: ImageReport) -> Phrase:
    """Describe what exceeds limits on downloads and layers, to follow the image's name.

    Empty if a limit on a size, or on its growth, decides the verdict, too.
    """
    phrases = [describe_pull_excess(image), describe_layer_excess(image)]
    return join_phrases([phrase for phrase in phrases if phrase], " and")


def describe_pull_excess(image: ImageReport) -> Phrase:
    """Describe a download over its limit, to follow the image's name; empty for other limits."""
    checks = list_pull_checks(image)
    if not checks:
        return ()
    limit = format_limit(min(check.limit or 0 for check in checks))
    amount = image_facts.mark_pull_estimate(image, format_size(checks[0].observed or 0))
    return (f" makes machines with the old image download {amount} (limit: {limit})",)


def explain_pull_excess(image: ImageReport) -> Phrase:
    """Say why layers are downloaded, if that is over its limit or dwarfs the growth."""
    return explain_download(image) if is_about_download(image) else ()


def is_about_download(image: ImageReport) -> bool:
    """Return True if a download is over its limit, or if an image that passes has a strange one.

    That is a large one, mostly of layers that hold what they held, or that are below a change.
    """
    if list_pull_checks(image):
        return True
    download = find_download(image)
    if download is None or not image_facts.is_passing(image) or not has_large_download(image):
        return False
    if download.is_mostly(download.inherited):
        return _is_hardly_grown(image)
    is_below = download.largest is not download.first and not download.first.from_base_image
    return download.is_mostly(download.repeated) or (
        is_below and download.is_mostly([download.largest])
    )


def _is_hardly_grown(image: ImageReport) -> bool:
    head, growth = image.comparison.head, image_facts.growth(image)
    return head is not None and growth is not None and is_small(growth, head.unpacked_bytes)
