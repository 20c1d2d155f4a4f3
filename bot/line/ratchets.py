"""A report whose limits of `max-size: auto` are those that the records give."""

from collections.abc import Sequence
from dataclasses import replace

from bot.budget.approval import replace_checks
from bot.budget.judge import check_max_size
from bot.line.recorded_images import RecordedImages
from bot.line.trends import find_records
from bot.model.check_names import BASELINE_CHECK, HISTORY_CHECK
from bot.model.comparison import Comparison
from bot.model.image import Image
from bot.model.metric import Metric
from bot.model.report import MAX_SIZE, Check, ImageReport, Report
from bot.model.spec import Budget
from bot.records.ratchet import find_limit
from bot.records.record import Record

_NO_HISTORY = "no history of sizes is named"
_NO_RECORD = "no size of this image is recorded yet"


def follow_records(report: Report, recorded: RecordedImages | None) -> Report:
    """Return the report with each limit that follows recorded sizes set, and judged by.

    Without a record the limit is not judged, which is a warning.
    """
    return replace(report, images=tuple(follow_image(image, recorded) for image in report.images))


def follow_image(report: ImageReport, recorded: RecordedImages | None) -> ImageReport:
    """Return the report of an image with its limit set, if that follows recorded sizes."""
    image = report.comparison.head
    if image is None or not any(budget.follows_size for budget in _list_budgets(report)):
        return report
    records = find_records(report, image, recorded) if recorded else ()
    base = report.base_budget
    budgets = (
        _set_limit(report.spec.budget, image, records),
        _set_limit(base, image, records) if base else None,
    )
    has_doubtful_base = any(check.name == BASELINE_CHECK for check in report.checks)
    # What an image of another history exceeds already excuses nothing, as in
    # published_baselines.py.
    comparison = Comparison(None, image) if has_doubtful_base else report.comparison
    reason = _explain(recorded)
    checks = (_name_reason(check, reason) for check in check_max_size(comparison, budgets))
    others = (check for check in report.checks if check.name not in (MAX_SIZE, HISTORY_CHECK))
    spec = replace(report.spec, budget=budgets[0])
    return replace_checks(replace(report, spec=spec, base_budget=budgets[1]), (*checks, *others))


def _list_budgets(report: ImageReport) -> list[Budget]:
    return [budget for budget in (report.spec.budget, report.base_budget) if budget]


def _set_limit(budget: Budget, image: Image, records: Sequence[Record]) -> Budget:
    if not budget.follows_size:
        return budget
    if budget.metric.of_sizes is Metric.COMPRESSED:
        # An estimate and an exact size differ without any change of the image.
        records = [x for x in records if x.compressed_exact == image.compressed_exact]
    limit = find_limit(records, budget.metric, budget.ratchet_runs, budget.ignore_below)
    return replace(budget, max_size=limit)


def _explain(recorded: RecordedImages | None) -> str:
    if recorded is None:
        return _NO_HISTORY
    return recorded.problem or _NO_RECORD


def _name_reason(check: Check, reason: str) -> Check:
    if check.name != HISTORY_CHECK:
        return check
    return replace(check, reason=f"max-size: auto was not judged: {reason}")
