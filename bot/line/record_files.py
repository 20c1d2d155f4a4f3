"""The records of a report's images, as files of a store."""

from collections.abc import Mapping

from bot.model.report import ImageReport, Report
from bot.records.record_paths import make_path
from bot.records.record_writer import make_record, render_record


def _is_approved(image: ImageReport) -> bool:
    """Return True if a size was approved that the recorded ones do not allow."""
    return any(check.is_auto and check.approved for check in image.checks)


def make_record_files(report: Report, commit: str, date: str) -> Mapping[str, bytes]:
    """Return a file for each image that was measured at head, which is `commit`."""
    records = (
        make_record(image, commit, date, is_approved=_is_approved(image)) for image in report.images
    )
    return {make_path(record): render_record(record) for record in records if record}
