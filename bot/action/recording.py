"""Records what a push to the default branch has measured.

No other event writes, whatever its inputs: a record decides what later changes are held against.
"""

from bot.action.job import Job
from bot.adapters.record_stores import open_record_store
from bot.line.record_files import count_records, explain_unrecorded, make_record_files
from bot.model.report import Report
from bot.model.sizes import format_count
from bot.project.config_file import ProjectConfig
from bot.project.history_place import HistoryPlace, choose_history
from bot.pull_request.event import Commit
from bot.records.badge import make_badge_path, render_badge


def record_report(job: Job, report: Report, config: ProjectConfig) -> None:
    """Add the images of a report to the history; ReviewError if they cannot be written.

    The report has no secrets any more. Nothing is written for another event, for a fork, or for
    another commit than the one that was pushed.
    """
    history = choose_history(job.inputs.overrides.history, config.history)
    if history is None or not job.event.is_accepted or report.head is None:
        return
    reason = _explain_refusal(job, report.head.sha)
    if reason:
        job.workflow.log(f"Nothing is recorded: {reason}.")
        return
    _write(job, report, history, Commit(report.head.sha))


def _explain_refusal(job: Job, sha: str) -> str:
    """Say why a push to the default branch is not recorded; empty if it is."""
    if job.event.is_of_fork:
        return "this repository is a fork, and a fork only reads a history"
    if job.event.pair is None or sha != job.event.pair.head:
        return f"{sha[:12]} is not the commit that was pushed"
    return ""


def _write(job: Job, report: Report, history: HistoryPlace, commit: Commit) -> None:
    with job.open_repository() as git:
        # The commit's own date: a job that is run again must write the same record.
        date = git.read_date(commit)
        files = make_record_files(report, commit.sha, date)
        unrecorded = explain_unrecorded(report, files)
        if unrecorded:
            job.workflow.log(unrecorded)
        if not files:
            return
        images = format_count(count_records(files), "image")
        badges = {make_badge_path(x): badge for x in report.images if (badge := render_badge(x))}
        message = f"Record {images} of {commit.sha[:12]}"
        open_record_store(git, history).add_files({**files, **badges}, message)
    job.workflow.log(f"Recorded {images} of {commit.sha[:12]} in {history}.")
