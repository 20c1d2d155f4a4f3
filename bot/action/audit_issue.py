"""Writes an audit into the one tracking issue of a repository, where the input asks for it."""

from functools import partial

from bot.action.job import Job
from bot.adapters.github.tracking_issue import DesiredIssue, TrackingIssue
from bot.errors import PublishError
from bot.model.report import Mode, Report
from bot.report.formats.issue_marker import make_issue_marker, read_issue_marker
from bot.report.formats.markdown import render_markdown

_TITLE = "Sizes of the container images"


def post_tracking_issue(job: Job, report: Report) -> None:
    """Update the issue, or open it; what GitHub refuses is a notice in the log."""
    if not job.inputs.tracking_issue:
        return
    if report.since:
        job.workflow.notice("There is no tracking issue: it is for audits without `since`.")
        return
    # A pull request's audit would overwrite that of the branch for everybody.
    if report.mode is not Mode.AUDIT or report.audit is None or job.event.pull_request:
        job.workflow.notice("There is no tracking issue: it is for audits of a branch.")
        return
    if not job.inputs.token:
        job.workflow.notice("There is no tracking issue: there is no github-token.")
        return
    marker = make_issue_marker(job.comment_key, report.audit.made_at)
    desired = DesiredIssue(
        _TITLE,
        render_markdown(report, marker=marker),
        report.audit.made_at,
        partial(_read_time, job.comment_key),
    )
    try:
        with job.open_github() as github:
            job.workflow.log(f"Tracking issue: {TrackingIssue(github).post(desired)}")
    except PublishError as problem:
        job.log_notice(problem)


def _read_time(key: str, body: str) -> str | None:
    marker = read_issue_marker(body, key)
    return marker.made_at if marker else None
