"""Suggestions as review comments on the lines that a pull request changes.

Apart from posting the comment, since only these need the Dockerfiles and the diff.
"""

from bot.action.job import Job
from bot.adapters.github.client import GitHubClient
from bot.adapters.github.reviews import GitHubReviews, SuggestionFormat
from bot.errors import GitError, PublishError
from bot.model.report import Report
from bot.pull_request.event import ComparisonPair, PullRequest
from bot.pull_request.review_comments import select_suggestions
from bot.report.formats.suggestion_comment import (
    CLOSED_TEXT,
    read_digest,
    render_review,
    render_suggestion_comment,
)


def post_suggestions(job: Job, github: GitHubClient, report: Report, pull: PullRequest) -> None:
    """Post each suggestion that fits the diff once; PublishError if GitHub refuses."""
    files = _read_dockerfiles(job, report)
    comment_format = SuggestionFormat(
        render_comment=lambda suggestion: render_suggestion_comment(suggestion, job.comment_key),
        render_review=render_review,
        closed_text=CLOSED_TEXT,
        read_digest=lambda body: read_digest(body, job.comment_key),
    )
    reviews = GitHubReviews(github, pull.number, pull.head_sha, comment_format)
    posted_count = reviews.post(lambda hunks: select_suggestions(report, hunks, files))
    if posted_count:
        job.workflow.log(f"Suggestions on lines of the pull request: {posted_count}.")


def _read_dockerfiles(job: Job, report: Report) -> dict[str, str]:
    """Return the Dockerfiles with suggestions, as the reviewed commit has them."""
    paths = {image.spec.dockerfile for image in report.images if image.suggestions}
    if report.head is None or not paths:
        return {}
    try:
        with job.open_repository() as git:
            head, _ = git.resolve_pair(ComparisonPair(head=report.head.sha))
            # Of the reviewed commit and not of the checkout, which may be GitHub's test merge.
            texts = {path: git.read_file(head.sha, path) for path in paths}
    except GitError as problem:
        raise PublishError("No suggestions were posted.", str(problem)) from problem
    return {path: text.decode(errors="replace") for path, text in texts.items() if text}
