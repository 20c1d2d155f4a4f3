"""Records what a push to the default branch has measured.

No other event writes, whatever its inputs: a record decides what later changes are held against.
"""

from bot.action.job import Job
from bot.adapters.record_stores import open_record_store
from bot.model.report import ImageReport, Report
from bot.model.sizes import format_count
from bot.project.config_file import ProjectConfig
from bot.project.history_place import HistoryPlace
from bot.pull_request.event import Commit
from bot.records.record_paths import make_path
from bot.records.record_writer import make_record, render_record


def record_report(job: Job, report: Report, config: ProjectConfig) -> None:
    """Add the images of a report to the history; ReviewError if they cannot be written.

    The report has no secrets any more. Nothing is written for another event, for a fork, or for
    another commit than the one that was pushed.
    """
    history = job.inputs.overrides.history or config.history
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
        return "this repository is a fork, which reads the history of the other one"
    if job.event.pair is None or sha != job.event.pair.head:
        return f"{sha[:12]} is not the commit that was pushed"
    return ""


def _write(job: Job, report: Report, history: HistoryPlace, commit: Commit) -> None:
    with job.open_repository() as git:
        date = git.read_date(commit)
        records = (
            make_record(image, commit.sha, date, is_approved=_is_approved(image))
            for image in report.images
        )
        files = {make_path(record): render_record(record) for record in records if record}
        if not files:
            job.workflow.log("Nothing is recorded: no image was measured.")
            return
        images = format_count(len(files), "image")
        open_record_store(git, history).add_files(files, f"Record {images} of {commit.sha[:12]}")
    job.workflow.log(f"Recorded {images} of {commit.sha[:12]} in {history}.")


def _is_approved(image: ImageReport) -> bool:
    """Return True if a size was approved that the recorded ones do not allow."""
    return any(check.is_auto and check.approved for check in image.checks)
