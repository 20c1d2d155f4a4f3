"""A report beside the recorded history of its base."""

from collections.abc import Callable

from bot.line.ports import Git
from bot.line.ratchets import follow_records
from bot.line.record_store import RecordStore
from bot.line.recorded_images import RecordedImages
from bot.line.review_request import ReviewRequest
from bot.line.trends import add_trends
from bot.model.report import Report
from bot.project.history_place import HistoryPlace

StoreOpener = Callable[[HistoryPlace], RecordStore]


def add_history(
    git: Git, report: Report, request: ReviewRequest, open_store: StoreOpener
) -> Report:
    """Return the report with what the records of its base say; unchanged without a history."""
    if request.history is None:
        # A limit of `max-size: auto` that nobody can judge is a warning.
        return follow_records(report, None)
    recorded = RecordedImages(git, open_store(request.history), request.history_commit)
    return add_trends(follow_records(report, recorded), recorded)
