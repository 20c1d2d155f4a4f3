"""Everything that is posted on GitHub about a report: a comment, suggestions on lines, a status.

A failure to post never changes the verdict: it becomes a notice in the log.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.action.approval import ApprovedReport
from bot.action.job import Job
from bot.action.suggestions import post_suggestions
from bot.adapters.github.client import GitHubClient
from bot.adapters.github.comments import DesiredComment, StickyComment
from bot.adapters.github.pulls import GitHubPulls
from bot.budget.comment_news import is_worth_comment
from bot.errors import PublishError
from bot.model.report import Outcome, Report
from bot.project.config_file import ProjectConfig
from bot.pull_request.comment import CommentAction
from bot.pull_request.event import PullRequest
from bot.report.formats.comment_marker import is_own_comment, make_marker
from bot.report.formats.comment_record import list_stored_reports, render_record
from bot.report.formats.markdown import COMMENT_MAX_CHARACTERS, render_markdown
from bot.report.page.page import render_status_line

# POST /repos/…/statuses/SHA: `error` is for what could not be judged (exit status 2).
_COMMIT_STATES = ("success", "failure", "error")  # by exit status


def post_report(job: Job, approved: ApprovedReport, config: ProjectConfig, exit_status: int) -> str:
    """Post comment, suggestions and commit status; return the comment's address, empty for none."""
    report = approved.report
    pull, context, url = job.event.pull_request, config.commit_status, ""
    if not (pull or context):
        return url
    if not job.inputs.token:
        job.workflow.notice("Nothing was posted: there is no github-token.")
        return url
    with job.open_github() as github:
        if pull:
            with _publish_errors_as_notices(job):
                url = post_comment(job, github, approved, pull, config)
        # Of a review that could not complete, suggestions of an earlier push would be taken away.
        if pull and job.inputs.review_comments and report.verdict is not Outcome.ERROR:
            with _publish_errors_as_notices(job):
                post_suggestions(job, github, report, pull)
        if context:
            with _publish_errors_as_notices(job):
                _set_commit_status(job, github, report, context, exit_status)
    return url


def _render_run_link(job: Job) -> str:
    """Return a line with a link to the run, where the summary and the uploaded files are.

    The address of an artifact is known only after its upload, which comes after this step.
    """
    url = job.report_run_url
    return f"\n<sub>[Job summary and artifacts]({url}#artifacts)</sub>\n" if url else ""


@contextmanager
def _publish_errors_as_notices(job: Job) -> Iterator[None]:
    """Log what cannot be posted, and go on with the rest."""
    try:
        yield
    except PublishError as problem:
        job.log_notice(problem)


def _set_commit_status(
    job: Job, github: GitHubClient, report: Report, status_context: str, exit_status: int
) -> None:
    event = job.event
    # Of a pull request, GITHUB_SHA is GitHub's test merge, which no page shows a status of.
    sha = event.pull_request.head_sha if event.pull_request else event.sha
    fields = {"description": render_status_line(report)}
    if job.run_url:
        fields["target_url"] = job.run_url
    GitHubPulls(github).set_status(sha, status_context, _COMMIT_STATES[exit_status], fields)


def post_comment(
    job: Job,
    github: GitHubClient,
    approved: ApprovedReport,
    pull: PullRequest,
    config: ProjectConfig,
) -> str:
    """Create or update the comment and return its address, empty for none.

    PublishError if GitHub refuses.
    """
    mode, threshold = job.inputs.comment or config.comment, job.inputs.comment_threshold
    if mode == "never":
        return ""
    if threshold is None:
        threshold = config.comment_threshold
    desired = DesiredComment(
        render_comment(
            approved,
            make_marker(job.comment_key, pull.head_sha),
            job.digest_review(pull),
            _render_run_link(job),
        ),
        is_news=mode == "always" or is_worth_comment(approved.report, threshold),
        head_sha=pull.head_sha,
        is_ours=lambda body: is_own_comment(body, job.comment_key),
    )
    posted = StickyComment(github, pull.number).post(desired)
    if posted.plan.action is not CommentAction.CREATE:
        job.workflow.log(f"Comment: {posted.plan.action}, {posted.plan.reason}.")
    return posted.url


def render_comment(approved: ApprovedReport, marker: str, review: str, link: str = "") -> str:
    """Return the comment: the page, the record, and the stored report if there is room for it.

    `review` is the digest of what made the report besides its commits, `link` the last line of the
    page.
    """
    end = link + (render_record(approved.record) + "\n" if approved.record else "")
    # In bytes, which are never fewer than the characters that GitHub counts.
    room = COMMENT_MAX_CHARACTERS - len(end.encode())
    page = render_markdown(approved.report, marker=marker, limit=room)
    stored = ""
    for line in list_stored_reports(approved.original, review):
        stored = f"{line}\n"
        if len((page + stored).encode()) <= room:
            return page + end + stored
    # The smallest form: a page says where the rest of it is, a report that is not stored is built.
    page = render_markdown(approved.report, marker=marker, limit=room - len(stored))
    return page + end + stored
