"""The table of an audit: one row an image, the largest first, and what was not measured last."""

from collections.abc import Sequence

from bot.audit.savings import select_savings
from bot.model.report import ImageReport, Report
from bot.model.sizes import format_size
from bot.report.page import image_facts
from bot.report.page.allowed_sizes import describe_allowed
from bot.report.page.page_model import Phrase, Row, Strong
from bot.report.page.row_note import describe_note
from bot.report.page.summary_table import format_head_size

_COLUMNS = ("image", "size", "allowed", "own", "base image", "wasted", "can save")
_NUMBER_COLUMNS = frozenset(range(1, len(_COLUMNS)))
_UNKNOWN = "?"


def list_columns(report: Report) -> tuple[str, ...]:
    """Return the headers of the table's columns; none without an image."""
    return _COLUMNS if report.images else ()


def find_number_columns(report: Report) -> frozenset[int]:
    """Return the positions of the columns that are aligned to the right."""
    return _NUMBER_COLUMNS if report.images else frozenset()


def make_rows(_report: Report, images: Sequence[ImageReport]) -> tuple[Row, ...]:
    """Build a row for each image, in the given order."""
    return tuple(Row(image.verdict, _make_cells(image), describe_note(image)) for image in images)


def _make_cells(image: ImageReport) -> tuple[Phrase, ...]:
    head = image.comparison.head
    at_least = "≥ " if image.lacks_contents and head else ""
    saving = sum(saving.bytes for saving in select_savings([image]))
    return (
        (image_facts.label(image),),
        (Strong(format_head_size(image)),),
        describe_allowed(image),
        (at_least + _format_optional(head.own_bytes if head else None),),
        (_format_optional(head.base_image_bytes if head else None),),
        (_format_optional(head.wasted_bytes if head else None),),
        (format_size(saving) if saving else "—",),
    )


def _format_optional(size: int | None) -> str:
    return _UNKNOWN if size is None else format_size(size)
