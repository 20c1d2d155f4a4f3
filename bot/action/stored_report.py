"""The report that our comment stores, for events that change a label and no commit."""

from bot.action.approval import read_own_comment
from bot.action.job import Job
from bot.action.review import ReviewResult, make_review_request
from bot.line.review_request import ReviewRequest
from bot.model.report import ImageReport, ImageState, Mode, Report
from bot.pull_request.event import Activity, PullRequest
from bot.report.formats.comment_record import read_stored_report

_UNFINISHED_STATES = (
    ImageState.BASE_BUILD_FAILED,
    ImageState.HEAD_BUILD_FAILED,
    ImageState.MEASURE_FAILED,
)


def reuse_stored_report(job: Job) -> ReviewResult | None:
    """Return the report of the same commits, if a label is all that has changed; nothing is built.

    The report counts only for the step that made it: same inputs, same head and same base. None if
    there is no such report. One with an image that could not be measured is not used again: the
    reason may have gone, as with a job that has secrets now.
    """
    event = job.event
    if (
        event.activity not in (Activity.REVIEW, Activity.COMPARE)
        or event.pull_request is None
        or not event.pull_request_activity.is_about_label
        or not job.inputs.token
    ):
        return None
    report = _read_report(job, event.pull_request)
    if report is None or not _is_complete(report):
        return None
    with job.open_repository() as git:
        request = make_review_request(job, git)
    # Also where the base branch has moved on: the merge of the two is another one.
    if not _has_commits_of(report, request):
        return None
    job.workflow.log("Only a label has changed: the report of this commit is judged again.")
    return ReviewResult(report, request.trusted_config)


def _read_report(job: Job, pull: PullRequest) -> Report | None:
    with job.open_github() as github:
        comment = read_own_comment(job, github, pull)
    if comment is None:
        return None
    return read_stored_report(comment.body, pull.head_sha, job.digest_review(pull))


def _has_commits_of(report: Report, request: ReviewRequest) -> bool:
    """Return True if a report compares the two commits that the review would compare now.

    The pull request may have another base branch by now, or the base branch another commit.
    """
    requested = (request.base, request.head)
    return [side and side.sha for side in (report.base, report.head)] == [
        side and side.commit.sha for side in requested
    ]


def _is_complete(report: Report) -> bool:
    return report.mode in (Mode.REVIEW, Mode.DIFF) and all(map(_is_measured, report.images))


def _is_measured(image: ImageReport) -> bool:
    return image.state not in _UNFINISHED_STATES
