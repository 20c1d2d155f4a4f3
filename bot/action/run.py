"""The entry of the GitHub Action: from an event to a comment, outputs and an exit status."""

import sys
from collections.abc import Mapping
from dataclasses import replace

from bot.action.approval import apply_current_approval
from bot.action.audit_issue import post_tracking_issue
from bot.action.compare_job import compare_event
from bot.action.job import Job, read_job
from bot.action.merge_parts import merge_event
from bot.action.plan_matrix import list_affected_images
from bot.action.post import post_report
from bot.action.problems import collect_problems, report_problem
from bot.action.publish import publish_report
from bot.action.recording import record_report
from bot.action.review import ReviewResult, attach_pull_request, review_event
from bot.action.stored_report import reuse_stored_report
from bot.adapters.github.workflow_commands import SUMMARY_MAX_BYTES, RunnerCommands
from bot.budget.approval import job_verdict
from bot.budget.excused_failures import excuse_failures
from bot.errors import EngineUnavailableError, InputError, RegistryError, ReviewError
from bot.line.merged_reports import list_missing
from bot.model.report import Outcome, Report
from bot.pull_request.event import Activity
from bot.report.formats.action_outputs import make_outputs
from bot.report.formats.annotations import make_annotations
from bot.report.formats.file_formats import FILE_SUFFIXES, render_file
from bot.report.formats.markdown import render_markdown
from bot.report.formats.text import render_text
from bot.wiring import ReviewToolsOpener, open_review_tools

# With `unbuildable-from-forks: warn`, what a fork's job may lack as a whole.
_EXCUSED_ERRORS = (EngineUnavailableError, RegistryError)
# The formats that are always saved, and the outputs with their paths.
_OUTPUTS = {"json": "report", "markdown": "markdown", "html": "html"}
_FAILING_OUTCOMES = {"fail": (Outcome.FAIL,), "warn": (Outcome.FAIL, Outcome.WARN)}


def run_action(
    environment: Mapping[str, str], open_tools: ReviewToolsOpener = open_review_tools
) -> int:
    """Do what the event asks for and return the exit status of the check.

    Whatever stops it is also written to the summary, as an annotation and to the outputs, and
    raised again: an error of the user, a cancelled job, a defect of this program.
    """
    workflow = RunnerCommands(environment, sys.stdout.write)
    try:
        return _run_activity(read_job(environment, workflow), open_tools)
    # KeyboardInterrupt as well: a runner that cancels a job sends SIGINT first.
    except BaseException as problem:
        report_problem(workflow, problem)
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
    if job.inputs.mode == "images":
        return list_affected_images(job)
    return _run_review(attach_pull_request(job), open_tools)


def _run_review(job: Job, open_tools: ReviewToolsOpener) -> int:
    """Build, judge and post; with `fail-on: never`, what could not be measured is green, too.

    An audit on a schedule that could not be made at all is red, unless the input says otherwise.
    """
    try:
        review = reuse_stored_report(job) or _make_report(job, open_tools)
    except ReviewError as problem:
        is_excused = job.excuses_failures and isinstance(problem, _EXCUSED_ERRORS)
        if job.inputs.fail_on != "never" and not is_excused:
            raise
        report_problem(job.workflow, problem, is_red=False)
        return 0
    if job.excuses_failures:
        review = replace(review, report=excuse_failures(review.report))
    return _publish_review(job, review)


def _make_report(job: Job, open_tools: ReviewToolsOpener) -> ReviewResult:
    if job.merges_reports:
        return merge_event(job)
    is_compare = job.event.activity is Activity.COMPARE
    return (compare_event if is_compare else review_event)(job, open_tools)


def _publish_review(job: Job, review: ReviewResult) -> int:
    """Approve, write and post a report, and return the exit status.

    The verdict is in the log and the outputs before anything is saved or posted: neither a job that
    is cancelled meanwhile nor a file that cannot be written loses it. Only then is that an error.
    """
    approved = apply_current_approval(job, review.report, review.config.approve_label)
    report, workflow = approved.report, job.workflow
    # A part of a matrix that is missing is no result that `fail-on` could forgive.
    is_partial = job.merges_reports and list_missing(report)
    status = 2 if is_partial else _get_exit_status(job_verdict(report), job.fail_on)
    workflow.set_outputs(make_outputs(report))
    _print_report(job, report)
    # A job that is green must not have red annotations.
    workflow.annotate(make_annotations(report, lenient=job.fail_on == "never"))
    problems = collect_problems(
        lambda: workflow.add_summary(render_markdown(report, limit=SUMMARY_MAX_BYTES)),
        lambda: _save_files(job, report),
        lambda: record_report(job, report, review.config),
        lambda: workflow.set_outputs(
            {"comment-url": post_report(job, approved, review.config, status)}
        ),
        lambda: post_tracking_issue(job, report),
    )
    if problems and job.fail_on != "never":
        raise problems[0]
    for problem in problems:
        report_problem(workflow, problem, is_red=False)
    return status


def _save_files(job: Job, report: Report) -> None:
    """Save the report for later steps, in three formats and those of the input `format`."""
    workflow = job.workflow
    for name, output in _OUTPUTS.items():
        path = workflow.save_file(f"report{FILE_SUFFIXES[name]}", render_file(report, name))
        workflow.set_outputs({output: path})
    for name in job.inputs.formats:
        if name not in _OUTPUTS:
            workflow.save_file(f"report{FILE_SUFFIXES[name]}", render_file(report, name))


def _print_report(job: Job, report: Report) -> None:
    with job.workflow.stop_commands():
        job.workflow.log(render_text(report))


def _get_exit_status(verdict: Outcome, fail_on: str) -> int:
    """Return the status that `fail-on` asks for; 2 for an image that could not be judged."""
    if fail_on == "never":
        return 0
    # Also with `fail-on: warn`: what could not be measured is no verdict that a level could
    # forgive.
    if verdict is Outcome.ERROR:
        return 2
    return int(verdict in _FAILING_OUTCOMES[fail_on])
