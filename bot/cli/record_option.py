"""`--record`: adds what was measured of a commit to the history, on any CI."""

import sys

from bot.adapters.git.repository import GitRepository
from bot.adapters.record_stores import open_record_store
from bot.errors import InputError
from bot.line.record_files import count_records, explain_unrecorded, make_record_files
from bot.line.review_request import ReviewRequest
from bot.model.report import Report
from bot.model.sizes import format_count
from bot.project.history_place import HistoryPlace
from bot.report.escape import log_lines


def check_recordable(git: GitRepository, request: ReviewRequest) -> HistoryPlace:
    """Return the place of the records; InputError, before anything is built, if there is none.

    Nor are changes recorded that no commit has.
    """
    if request.history is None:
        raise InputError(
            "There is no history to record in.",
            fix="say where it is: --history dir:PATH or branch:NAME, or `history` in the "
            "configuration",
        )
    # No branch has the snapshot of a working tree: a record of it would never be found again.
    if not git.is_kept(request.head.commit):
        raise InputError(
            "The working tree has changes that are in no commit.",
            "a record is of a commit",
            "name one: `--rev HEAD` for audit, `--head HEAD` for review",
        )
    return request.history


def record_report(
    git: GitRepository, report: Report, request: ReviewRequest, history: HistoryPlace
) -> None:
    """Add the images of a report to the history; it has no secrets any more."""
    commit = request.head.commit
    files = make_record_files(report, commit.sha, git.read_date(commit))
    unrecorded = explain_unrecorded(report, files)
    if unrecorded:
        sys.stderr.write(log_lines(unrecorded) + "\n")
    if not files:
        return
    images = format_count(count_records(files), "image")
    open_record_store(git, history).add_files(files, f"Record {images} of {commit.sha[:12]}")
    sys.stderr.write(log_lines(f"Recorded {images} of {commit.sha[:12]} in {history}.") + "\n")
