"""What is said on GitHub about a report: a comment, suggestions on lines, a status.

A failure to say it never touches the verdict.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.action.job import Job
from bot.action.suggestions import post_suggestions
from bot.adapters.github.client import GitHub
from bot.adapters.github.comments import GitHubComments, Wish
from bot.adapters.github.pulls import GitHubPulls
from bot.errors import CannotPublish
from bot.model.report import Outcome, Report, State
from bot.project.config_file import Config
from bot.pull_request.comment import Action
from bot.pull_request.event import PullRequest
from bot.report.formats.comment_marker import make_marker, marks
from bot.report.formats.markdown import render_markdown
from bot.report.page.page import one_line

_STATES = ("success", "failure", "error")  # by exit status


def post(job: Job, report: Report, config: Config, status: int) -> str:
    """Says all there is to say; the comment's address. What cannot be said is a notice in the log."""
    pull, context, url = job.event.pull_request, config.commit_status, ""
    if not (pull or context):
        return url
    if not job.inputs.token:
        job.workflow.say("::notice::Nothing was posted: there is no github-token.")
        return url
    with job.github() as github:
        if pull:
            with _noticed(job):
                url = post_comment(job, github, report, pull, job.inputs.comment or config.comment)
        if pull and job.inputs.review_comments and report.verdict is not Outcome.ERROR:
            with _noticed(job):
                post_suggestions(job, github, report, pull)
        if context:
            with _noticed(job):
                _set_status(job, github, report, context, status)
    return url


@contextmanager
def _noticed(job: Job) -> Iterator[None]:
    """What cannot be posted is no reason to fail, nor to leave out the rest."""
    try:
        yield
    except CannotPublish as problem:
        job.notice(problem)


def _set_status(job: Job, github: GitHub, report: Report, context: str, status: int) -> None:
    event = job.event
    sha = event.pull_request.head_sha if event.pull_request else event.sha
    about = {"description": one_line(report)}
    if job.page:
        about["target_url"] = job.page
    GitHubPulls(github).set_status(sha, context, _STATES[status], about)


def post_comment(job: Job, github: GitHub, report: Report, pull: PullRequest, when: str) -> str:
    """Posts, updates or deletes our comment; its address, empty for none. May raise CannotPublish."""
    if when == "never":
        return ""
    wish = Wish(
        render_markdown(report, marker=make_marker(job.key, pull.head_sha)),
        wanted=when == "always" or any(x.state is not State.UNCHANGED for x in report.images),
        head_sha=pull.head_sha,
        is_ours=lambda body: marks(body, job.key),
    )
    posted = GitHubComments(github, pull.number).post(wish)
    if posted.decision.action is not Action.CREATE:
        job.workflow.say(f"Comment: {posted.decision.action}, {posted.decision.reason}.")
    return posted.url
