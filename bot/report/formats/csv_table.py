"""The images of a report as CSV (RFC 4180), one row an image, for spreadsheets."""

import csv
from io import StringIO

from bot.model.report import ImageReport, Outcome, Report
from bot.report import escape
from bot.report.formats.csv_changes import list_changes
from bot.report.formats.image_sizes import NUMBER_NAMES, list_numbers
from bot.report.page import image_facts

_TEXT_COLUMNS = (
    "image",
    "name",
    "dockerfile",
    "context",
    "target",
    "platform",
    "state",
    "verdict",
    "metric",
    "reason",
    "revision",
)


def render_csv(report: Report) -> str:
    """Render a header and a row for each image; a cell is empty where a number is unknown.

    Of `audit --since`, there is a row for each change of a size in place of them.

    Text is quoted, numbers are not. Sizes are bytes.
    """
    output = StringIO(newline="")
    writer = csv.writer(output, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    if report.since:
        writer.writerows(list_changes(report.since))
        return output.getvalue()
    writer.writerow((*_TEXT_COLUMNS, *NUMBER_NAMES))
    revision = report.head.sha if report.head else ""
    listed = image_facts.select_images(report)
    # First the images that a page lists, in its order; then the unchanged ones, which a spreadsheet
    # can filter.
    for image in (*listed, *(image for image in report.images if image not in listed)):
        texts = (escape.csv_cell(text) for text in (*_list_texts(image), revision))
        writer.writerow((*texts, *(number.value for number in list_numbers(image))))
    return output.getvalue()


def _list_texts(image: ImageReport) -> tuple[str, ...]:
    spec = image.spec
    return (
        *(spec.shown_name, spec.name, spec.dockerfile, spec.context),
        *(spec.target or "", spec.platform or ""),
        *(image.state.value, Outcome.worst([image.verdict]).value),
        *(spec.budget.metric.value, _explain(image)),
    )


def _explain(image: ImageReport) -> str:
    """Return the reasons of the verdict; empty for an image that needs no attention."""
    if image_facts.is_passing(image):
        return ""
    checks = [check.reason for check in image_facts.deciding_checks(image)]
    return "; ".join(text for text in (image.reason, *checks) if text)
