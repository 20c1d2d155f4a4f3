"""The trusted half: posts a report that was made elsewhere, perhaps by a stranger's run.

Nothing is built here. The pull request is found by what GitHub says of the run, never by what the
report says; the report is checked, judged again by its numbers, and rendered anew.
"""

import json
from dataclasses import replace
from pathlib import Path

from bot.action.job import Job
from bot.action.post import post_comment
from bot.action.review import approved
from bot.adapters.github.client import GitHub
from bot.adapters.github.pulls import GitHubPulls
from bot.adapters.github.workflow_commands import SUMMARY_LIMIT
from bot.budget.untrusted_report import distrust
from bot.errors import BadInput, GitFailed
from bot.line.declared_images import Request, read_configs
from bot.model.report import Report
from bot.project.config_file import Config
from bot.pull_request.event import Event, PullRequest
from bot.redaction import masked
from bot.report.document.reader import from_document
from bot.report.formats.action_outputs import outputs
from bot.report.formats.markdown import render_markdown

_LARGEST = 20_000_000  # bytes; a report of two hundred images has one or two million
_MOST_IMAGES = 1_000


def publish(job: Job) -> Report:
    """Posts the report of the input `report`; CannotPublish if that cannot be done."""
    if not job.inputs.report:
        fix = "set `report` to the file that the other run's `report` output names"
        raise BadInput("There is no report to publish.", fix=fix)
    if not job.inputs.token:
        raise BadInput("There is no github-token to publish with.", fix="leave it to its default")
    report = read_report_file(job.workflow.workspace / job.inputs.report)
    with job.github() as github:
        pull = _pull_request(job.event, github)
        if pull is None:
            job.workflow.say("No open pull request ends in the commit of that run: nothing to do.")
            return report
        job = replace(job, event=replace(job.event, pull_request=pull))
        config = _config(job)
        report = approved(job, report, config.approve_label)
        when = job.inputs.comment or config.comment
        found = {**outputs(report), "comment-url": post_comment(job, github, report, pull, when)}
    job.workflow.add_summary(render_markdown(report, limit=SUMMARY_LIMIT))
    job.workflow.set_outputs(found)
    return report


def read_report_file(path: Path) -> Report:
    """A report as its numbers alone say; BadInput if it is too large, or none."""
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1)
    except OSError as problem:
        raise BadInput("The report cannot be read.", str(problem), "check `report`") from problem
    if len(text) > _LARGEST:
        raise BadInput(f"The report is larger than {_LARGEST:,} bytes; nothing was posted.")
    try:
        report = from_document(json.loads(text))
        if len(report.images) > _MOST_IMAGES:
            raise ValueError(f"it has more than {_MOST_IMAGES:,} images")
        return masked(distrust(report))
    except (ValueError, ArithmeticError, RecursionError) as problem:
        raise BadInput("The report is none that can be posted.", str(problem)) from problem


def _pull_request(event: Event, github: GitHub) -> PullRequest | None:
    """The one pull request that is meant; none rather than the wrong one."""
    if event.pull_request or event.run is None:
        return event.pull_request
    pulls = GitHubPulls(github).of_run(event.run)
    if len(pulls) > 1:
        numbers = ", ".join(f"#{pull.number}" for pull in pulls)
        raise BadInput(f"{numbers} end in the same commit: which of them is meant, nobody says.")
    return pulls[0] if pulls else None


def _config(job: Job) -> Config:
    """The configuration of the checked-out revision, which on `workflow_run` is the default branch."""
    try:
        git = job.git()
        request = Request(config_path=job.inputs.config)
        return read_configs(git, [git.checkout().sha], request)[0]
    except GitFailed:
        return Config()
