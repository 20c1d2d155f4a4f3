"""Suggestions as review comments on the lines that a pull request touches."""

from bot.action.job import Job
from bot.adapters.github.client import GitHub
from bot.adapters.github.reviews import GitHubReviews, Wording
from bot.model.report import Report
from bot.pull_request.event import PullRequest
from bot.pull_request.review_comments import offers
from bot.report.formats.suggestion_comment import CLOSED, read_digest, render_offer, render_review


def post_suggestions(job: Job, github: GitHub, report: Report, pull: PullRequest) -> None:
    """Offers what fits the diff, once; may raise CannotPublish."""
    files = _dockerfiles(job, report)
    wording = Wording(
        comment=lambda offer: render_offer(offer, job.key),
        review=render_review,
        closed=CLOSED,
        digest=lambda body: read_digest(body, job.key),
    )
    reviews = GitHubReviews(github, pull.number, pull.head_sha, wording)
    new = reviews.post(lambda hunks: offers(report, hunks, files))
    if new:
        job.workflow.say(f"Suggestions on lines of the pull request: {new}.")


def _dockerfiles(job: Job, report: Report) -> dict[str, str]:
    """The Dockerfiles that suggestions speak of, as they were measured."""
    git, sha = job.git(), report.head.sha if report.head else ""
    paths = {image.spec.dockerfile for image in report.images if image.suggestions}
    texts = {path: git.read(sha, path) for path in paths}
    return {path: text.decode(errors="replace") for path, text in texts.items() if text}
