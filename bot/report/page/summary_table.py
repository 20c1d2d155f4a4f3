"""The summary table at the top of the page: one row an image, the worst verdict first.

The mark in front of a row is its verdict; a note below the name says what no column has.
"""

from collections.abc import Sequence

from bot.model.report import ImageReport, ImageState, Mode, Report
from bot.model.sizes import format_change, format_percent, format_size
from bot.report.page import image_facts
from bot.report.page.allowed_sizes import describe_allowed
from bot.report.page.page_model import Phrase, Row, Strong
from bot.report.page.row_note import describe_note

_UNKNOWN = "?"
_NOT_APPLICABLE = "—"
_STATE_CHANGE_TEXT = {
    ImageState.NEW: "new",
    ImageState.REMOVED: "removed",
    ImageState.NO_BASELINE: "no baseline",
    ImageState.UNCHANGED: "±0 B",
}


def list_columns(report: Report) -> tuple[str, ...]:
    """Return the headers of the table's columns."""
    if report.mode.has_two_sides:
        return ("image", "change", "size", "allowed", "pull")
    change = ("change",) if _has_comparison(report) else ()
    return ("image", *change, "size", "allowed", "wasted")


def find_number_columns(report: Report) -> frozenset[int]:
    """Return the positions of the columns that are aligned to the right."""
    return frozenset(range(1, len(list_columns(report))))


def make_rows(report: Report, images: Sequence[ImageReport]) -> tuple[Row, ...]:
    """Build a row for each image, in the given order."""
    if report.mode is Mode.ADVISE:
        # Without an image there is no size to show, only suggestions.
        images = [image for image in images if image.comparison.head]
    return tuple(
        Row(image.verdict, _make_cells(report, image), describe_note(image)) for image in images
    )


def format_growth(image: ImageReport) -> Phrase:
    """Format the growth with its percentage, or the reason why it is unknown."""
    amount, base = image_facts.growth(image), image_facts.base_size(image)
    if amount is None or base is None:
        return (_STATE_CHANGE_TEXT.get(image.state, "unknown"),)
    percent = format_percent(amount, base) or ""
    # 1 kB of 900 MB rounds to "+0.00 %", which says nothing.
    is_shown = any(digit in percent for digit in "123456789")
    change = image_facts.mark_estimate(image, format_change(amount))
    return (change + (f" ({percent})" if is_shown else ""),)


def format_head_size(image: ImageReport) -> str:
    """Format the size of an image as it is after the change."""
    head = image_facts.head_size(image)
    if head is not None:
        # With a base, what differs is in a warning: the size of either side may be too small.
        at_least = "≥ " if image.lacks_contents and image.comparison.base is None else ""
        return at_least + image_facts.format_image_size(image, head)
    if image.state is ImageState.REMOVED:
        return "removed" if image.comparison.base else _NOT_APPLICABLE
    return "not built" if image_facts.is_unchanged_unbuilt(image) else _UNKNOWN


def _make_cells(report: Report, image: ImageReport) -> tuple[Phrase, ...]:
    name: Phrase = (image_facts.label(image),)
    size, allowed = format_head_size(image), describe_allowed(image)
    if report.mode.has_two_sides:
        name += image_facts.describe_rename(image) + image_facts.name_older_image(report, image)
        return (name, (Strong(_format_change(image)),), (size,), allowed, (_format_pull(image),))
    head = image.comparison.head
    return (
        name,
        *((format_growth(image),) if _has_comparison(report) else ()),
        (Strong(size),),
        allowed,
        (format_size(head.wasted_bytes) if head else _UNKNOWN,),
    )


def _format_change(image: ImageReport) -> str:
    """Format the growth; what a removed image saves is its size."""
    amount, base = image_facts.growth(image), image_facts.base_size(image)
    if amount is not None:
        return image_facts.mark_estimate(image, format_change(amount))
    if image.state is ImageState.REMOVED and base:
        return format_change(-base)
    return _STATE_CHANGE_TEXT.get(image.state, _UNKNOWN)


def _format_pull(image: ImageReport) -> str:
    """Format what a machine with the old image downloads; of an image without one, all of it."""
    head, delta = image.comparison.head, image.comparison.delta
    if head is None:
        is_none = image.state is ImageState.REMOVED or image_facts.is_unchanged_unbuilt(image)
        return _NOT_APPLICABLE if is_none else _UNKNOWN
    size = delta.pull_delta_bytes if delta else head.compressed_bytes
    return ("" if head.compressed_exact or not size else "≈") + format_size(size)


def _has_comparison(report: Report) -> bool:
    return any(image.comparison.delta for image in report.images)
