"""The cause of a download over its limit, and the lines to look at."""

from bot.model.image import Layer
from bot.model.report import Check, ImageReport
from bot.model.sizes import format_limit, format_size
from bot.report.page import image_facts
from bot.report.page.layer_causes import (
    describe_layer_excess,
    list_checks_of_no_size,
    name_layer,
)
from bot.report.page.limit_words import is_about_pull
from bot.report.page.page_model import Phrase, join_phrases

# A download of less than that, or of less than ten times the growth, is not worth a line.
_MIN_DOWNLOAD_BYTES = 10_000_000
_DWARFED = 10


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
    """Name the largest layer that is new, and the first one, below which all are."""
    largest = find_largest_new_layer(image)
    if largest is None:
        return ()
    first = image.comparison.new_layers[0]
    size = format_size(largest.compressed_bytes)
    mark = "" if image.comparison.head and image.comparison.head.compressed_exact else "≈"
    text: Phrase = (*name_layer(largest), f" is a new layer with {mark}{size} to download")
    return text if first is largest else (*text, "; the first new one is ", *name_layer(first)[:-1])


def find_largest_new_layer(image: ImageReport) -> Layer | None:
    """Return the largest layer of a download, if that is over its limit or dwarfs the growth."""
    is_cause = list_pull_checks(image) or has_dwarfing_download(image)
    return _find_largest(image) if is_cause else None


def has_dwarfing_download(image: ImageReport) -> bool:
    """Return True if another order of lines would save most of what machines download.

    Of an image that passes: a small change at a line makes a large layer below it new.
    """
    delta, largest = image.comparison.delta, _find_largest(image)
    if delta is None or largest is None or not image_facts.is_passing(image):
        return False
    first = image.comparison.new_layers[0]
    if first is largest or first.from_base_image or not (first.instruction and largest.instruction):
        return False
    download = delta.pull_delta_bytes
    is_large = download >= max(_MIN_DOWNLOAD_BYTES, _DWARFED * abs(delta.compressed_bytes))
    return is_large and 2 * largest.compressed_bytes >= download


def _find_largest(image: ImageReport) -> Layer | None:
    layers = image.comparison.new_layers
    return max(layers, key=lambda layer: layer.compressed_bytes, default=None)
