"""The entry of the GitHub Action: from an event to a comment, outputs and an exit status."""

import sys
from collections.abc import Mapping

from bot.action.job import Job, read_job
from bot.action.post import post_report
from bot.action.publish import publish_report
from bot.action.review import apply_current_approval, attach_pull_request, review_event
from bot.adapters.github.workflow_commands import SUMMARY_MAX_BYTES, RunnerCommands
from bot.budget.approval import job_verdict
from bot.errors import InputError, ReviewError
from bot.model.report import Outcome, Report
from bot.pull_request.event import Activity
from bot.redaction import redact
from bot.report.document.report_document import render_json
from bot.report.formats.action_outputs import make_outputs
from bot.report.formats.annotations import make_annotations
from bot.report.formats.error_page import render_problem
from bot.report.formats.markdown import render_markdown
from bot.report.formats.text import render_text
from bot.wiring import ReviewToolsOpener, open_review_tools

_FAILING_OUTCOMES = {"fail": (Outcome.FAIL,), "warn": (Outcome.FAIL, Outcome.WARN), "never": ()}


def run_action(
    environment: Mapping[str, str], open_tools: ReviewToolsOpener = open_review_tools
) -> int:
    """Do what the event asks for and return the exit status of the check.

    An error is also written to the summary, as an annotation and to the outputs, and raised again.
    """
    workflow = RunnerCommands(environment, sys.stdout.write)
    try:
        return _run_activity(read_job(environment, workflow), open_tools)
    except ReviewError as problem:
        parts = [redact(part) for part in (problem.what, problem.why, problem.fix)]
        workflow.add_summary(render_problem(*parts))
        workflow.error(str(problem))
        workflow.set_outputs({"verdict": Outcome.ERROR.value})
        raise


def _run_activity(job: Job, open_tools: ReviewToolsOpener) -> int:
    activity = job.event.activity
    if activity is Activity.REFUSED:
        raise InputError(f"Nothing is built on {job.event.name}.", job.event.message)
    if activity is Activity.NOTHING:
        job.workflow.log(job.event.message)
        return 0
    if activity is Activity.PUBLISH:
        _print_report(job, publish_report(job))
        return 0
    return _run_review(attach_pull_request(job), open_tools)


def _run_review(job: Job, open_tools: ReviewToolsOpener) -> int:
    """Build, judge and post, in this order.

    The verdict is in the log, the summary and the outputs before anything is posted: a job that is
    cancelled while it posts has them.
    """
    review = review_event(job, open_tools)
    report = apply_current_approval(job, review.report, review.config.approve_label)
    status = _get_exit_status(job_verdict(report), job.inputs.fail_on)
    _print_report(job, report)
    job.workflow.annotate(make_annotations(report, lenient=job.inputs.fail_on == "never"))
    job.workflow.add_summary(render_markdown(report, limit=SUMMARY_MAX_BYTES))
    files = {
        "report": job.workflow.save_file("report.json", render_json(report)),
        "markdown": job.workflow.save_file("report.md", render_markdown(report)),
    }
    job.workflow.set_outputs({**make_outputs(report), **files})
    # Only now posted, so that a failure to post leaves all other outputs.
    job.workflow.set_outputs({"comment-url": post_report(job, report, review.config, status)})
    return status


def _print_report(job: Job, report: Report) -> None:
    with job.workflow.stop_commands():
        job.workflow.log(render_text(report))


def _get_exit_status(verdict: Outcome, fail_on: str) -> int:
    """Return 2 for an image that could not be judged; for a size, 0 or 1 as `fail-on` says."""
    if verdict is Outcome.ERROR:
        return 2
    return int(verdict in _FAILING_OUTCOMES[fail_on])
