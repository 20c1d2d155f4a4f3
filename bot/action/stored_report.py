"""The report that our comment stores, for events that change a label and no commit."""

from bot.action.approval import read_own_comment
from bot.action.job import Job
from bot.action.review import ReviewResult, read_trusted_config
from bot.model.report import ImageReport, ImageState, Mode, Report
from bot.pull_request.event import Activity
from bot.report.formats.comment_record import read_stored_report

_UNFINISHED_STATES = (
    ImageState.BASE_BUILD_FAILED,
    ImageState.HEAD_BUILD_FAILED,
    ImageState.MEASURE_FAILED,
)


def reuse_stored_report(job: Job) -> ReviewResult | None:
    """Return the report of the same head, if a label is all that has changed; nothing is built.

    None if there is no such report. One with an image that could not be measured is not used
    again: the reason may have gone, as with a job that has secrets now.
    """
    event = job.event
    if (
        event.activity is not Activity.REVIEW
        or event.pull_request is None
        or not event.pull_request_activity.is_about_label
        or not job.inputs.token
    ):
        return None
    with job.open_github() as github:
        comment = read_own_comment(job, github, event.pull_request)
    report = read_stored_report(comment.body, event.pull_request.head_sha) if comment else None
    if report is None or not _is_complete(report):
        return None
    job.workflow.log("Only a label has changed: the report of this commit is judged again.")
    return ReviewResult(report, read_trusted_config(job))


def _is_complete(report: Report) -> bool:
    return report.mode is Mode.REVIEW and all(map(_is_measured, report.images))


def _is_measured(image: ImageReport) -> bool:
    return image.state not in _UNFINISHED_STATES
