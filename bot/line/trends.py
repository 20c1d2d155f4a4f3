"""A report with the trend of each image, as its records show it."""

from dataclasses import replace

from bot.line.recorded_images import RecordedImages
from bot.model.image import Image
from bot.model.report import ImageReport, Report
from bot.model.trend import TrendPoint
from bot.records.record import ImageKey, Record
from bot.records.trend import make_trend


def add_trends(report: Report, recorded: RecordedImages) -> Report:
    """Return the report with the trends of its images, and notes about damaged records."""
    images = tuple(_add_trend(image, recorded) for image in report.images)
    return replace(report, images=images, notes=(*report.notes, *recorded.notes))


def find_records(report: ImageReport, image: Image, recorded: RecordedImages) -> tuple[Record, ...]:
    """Return the records of an image, the newest first; of a new name, those of the older one."""
    records = recorded.find(ImageKey(report.spec.name, image.platform))
    if records or report.renamed_from is None:
        return records
    return recorded.find(ImageKey(report.renamed_from.name, image.platform))


def _add_trend(report: ImageReport, recorded: RecordedImages) -> ImageReport:
    image, metric = report.comparison.head, report.spec.budget.metric.of_sizes
    if image is None:
        return report
    records = find_records(report, image, recorded)
    points = [
        TrendPoint(record.commit, record.date, record.size(metric))
        for record in reversed(records)
        if _is_comparable(record, records[0])
    ]
    budgets = [budget for budget in (report.spec.budget, report.base_budget) if budget]
    # The stricter one of both revisions is what the sizes reach first.
    limits = [x.max_size for x in budgets if x.max_size is not None and x.metric.of_sizes is metric]
    trend = make_trend(points, metric, min(limits, default=None))
    return replace(report, trend=trend) if trend else report


def _is_comparable(record: Record, newest: Record) -> bool:
    """Return False where one compressed size is exact and the other an estimate."""
    return record.compressed_exact == newest.compressed_exact
