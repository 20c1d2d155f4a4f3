"""The approval that a pull request's label gives to the growth in a report."""

from dataclasses import dataclass, replace

from bot.action.job import Job
from bot.adapters.github.client import GitHubClient
from bot.adapters.github.comments import PostedComment, StickyComment
from bot.adapters.github.pulls import GitHubPulls
from bot.budget.approval import (
    apply_approval,
    approve_pushed,
    has_failed_ratchet,
    measure_growth,
)
from bot.errors import PublishError
from bot.model.approval import ApprovalRecord, CommentRecord, GrowthAtCommit
from bot.model.report import Report
from bot.pull_request.approval_scope import choose_scope
from bot.pull_request.event import PullRequest
from bot.report.formats.comment_marker import is_own_comment
from bot.report.formats.comment_record import read_record


@dataclass(frozen=True, slots=True)
class ApprovedReport:
    """A report with its approval, as it was without one, and the record for the comment."""

    report: Report
    original: Report
    record: CommentRecord | None = None


def apply_current_approval(job: Job, report: Report, label: str) -> ApprovedReport:
    """Return the report with the approval that the pull request's label gives now.

    The event may be older: a label that was added since counts, too.
    """
    if job.event.is_accepted:
        return ApprovedReport(_approve_pushed(job, report, label), report)
    # In a merge queue growth is not judged, so that most groups have nothing to approve.
    reads_queued = job.judges_growth_in_queue or has_failed_ratchet(report)
    is_queued = reads_queued and job.event.queued_number is not None
    if not (job.event.pull_request or is_queued) or not job.inputs.token:
        return ApprovedReport(report, report)
    try:
        with job.open_github() as github:
            pull = job.event.pull_request or GitHubPulls(github).find_by_number(
                job.event.queued_number or 0
            )
            own = measure_growth(report, pull.head_sha)
            approved, approval = _approve(job, github, report, (pull, label, own))
    except PublishError as problem:
        job.log_notice(problem)
        # The growth is recorded all the same: a label that is set later was set for it.
        return ApprovedReport(report, report, _record_growth(job, report))
    return ApprovedReport(
        replace(approved, approval_label=label),
        report,
        CommentRecord(own, approval, step=job.digest_step(pull)),
    )


def _approve_pushed(job: Job, report: Report, label: str) -> Report:
    """Return the report with the approval of the pull request that the push has merged."""
    if not has_failed_ratchet(report) or not job.inputs.token or report.head is None:
        return report
    try:
        with job.open_github() as github:
            pulls = GitHubPulls(github)
            merged = pulls.find_merged(report.head.sha)
            labels = [pulls.find_label(pull.number, label) for pull in merged]
    except PublishError as problem:
        job.log_notice(problem)
        return report
    for set_label in labels:
        if set_label is not None:
            return approve_pushed(report, set_label.approval)
    return report


def _record_growth(job: Job, report: Report) -> CommentRecord | None:
    """Return the record without an approval, which could not be read."""
    pull = job.event.pull_request
    if pull is None:
        return None
    return CommentRecord(measure_growth(report, pull.head_sha), step=job.digest_step(pull))


def read_own_comment(job: Job, github: GitHubClient, pull: PullRequest) -> PostedComment | None:
    """Return our comment on the pull request, of this use of the action.

    None if there is none, or if it cannot be read, which is a notice.
    """
    try:
        return StickyComment(github, pull.number).read(
            lambda body: is_own_comment(body, job.comment_key)
        )
    except PublishError as problem:
        job.log_notice(problem)
        return None


def _approve(
    job: Job,
    github: GitHubClient,
    report: Report,
    subject: tuple[PullRequest, str, GrowthAtCommit],
) -> tuple[Report, ApprovalRecord | None]:
    """Apply the approval; return the report, and the approval to remember if it is known."""
    pull, name, own = subject
    label = GitHubPulls(github).find_label(pull.number, name)
    if label is None:
        return report, None
    # Shown in the report, with who set it, and without effect.
    if not label.approval.is_valid:
        return apply_approval(report, label.approval, None, own.head_sha), None
    posted = _read_posted_record(job, github, pull)
    given_at = choose_scope(label, job.event.pull_request_activity, own, posted)
    approved = apply_approval(report, label.approval, given_at, own.head_sha)
    return approved, ApprovalRecord(label.event_id, given_at) if given_at else None


def _read_posted_record(job: Job, github: GitHubClient, pull: PullRequest) -> CommentRecord | None:
    """Return what the comment records; None if another step wrote it, or one with other inputs."""
    comment = read_own_comment(job, github, pull)
    record = read_record(comment.body) if comment else None
    if comment is None or record is None or record.step != job.digest_step(pull):
        return None
    return replace(record, written_at=comment.written_at)
