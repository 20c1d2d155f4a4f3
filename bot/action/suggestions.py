"""Suggestions as review comments on the lines that a pull request touches."""

from bot.action.job import Job
from bot.adapters.github.client import GitHubClient
from bot.adapters.github.reviews import GitHubReviews, SuggestionFormat
from bot.model.report import Report
from bot.pull_request.event import PullRequest
from bot.pull_request.review_comments import select_suggestions
from bot.report.formats.suggestion_comment import (
    CLOSED_TEXT,
    read_digest,
    render_review,
    render_suggestion_comment,
)


def post_suggestions(job: Job, github: GitHubClient, report: Report, pull: PullRequest) -> None:
    """Offers what fits the diff, once; may raise PublishError."""
    files = _read_dockerfiles(job, report)
    wording = SuggestionFormat(
        render_comment=lambda offer: render_suggestion_comment(offer, job.comment_key),
        render_review=render_review,
        closed_text=CLOSED_TEXT,
        read_digest=lambda body: read_digest(body, job.comment_key),
    )
    reviews = GitHubReviews(github, pull.number, pull.head_sha, wording)
    new = reviews.post(lambda hunks: select_suggestions(report, hunks, files))
    if new:
        job.workflow.log(f"Suggestions on lines of the pull request: {new}.")


def _read_dockerfiles(job: Job, report: Report) -> dict[str, str]:
    """The Dockerfiles that suggestions speak of, as they were measured."""
    git, sha = job.open_repository(), report.head.sha if report.head else ""
    paths = {image.spec.dockerfile for image in report.images if image.suggestions}
    texts = {path: git.read_file(sha, path) for path in paths}
    return {path: text.decode(errors="replace") for path, text in texts.items() if text}
