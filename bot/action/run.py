"""The composition root of the GitHub Action: an event in, a comment and a verdict out."""

import sys
from collections.abc import Mapping

from bot.action.job import Job, read_job
from bot.action.post import post
from bot.action.publish import publish
from bot.action.review import approved, found_pull_request, reviewed
from bot.adapters.github.workflow_commands import SUMMARY_LIMIT, Workflow
from bot.budget.approval import gating
from bot.errors import BadInput, ReviewError
from bot.model.report import Outcome, Report
from bot.pull_request.event import Purpose
from bot.redaction import mask
from bot.report.document.writer import render_json
from bot.report.escape import command_message
from bot.report.formats.action_outputs import outputs
from bot.report.formats.annotations import annotations, render_annotation
from bot.report.formats.error_page import render_problem
from bot.report.formats.markdown import render_markdown
from bot.report.formats.text import render_text

_FAILS_AT = {"fail": (Outcome.FAIL,), "warn": (Outcome.FAIL, Outcome.WARN), "never": ()}


def run_action(environment: Mapping[str, str]) -> int:
    """Does what the event calls for; the exit status is the check's."""
    workflow = Workflow(environment, sys.stdout.write)
    try:
        return _run(read_job(environment, workflow))
    except ReviewError as problem:
        told = [mask(part) for part in (problem.what, problem.why, problem.fix)]
        workflow.add_summary(render_problem(*told))
        workflow.say(f"::error::{command_message(mask(str(problem)))}")
        workflow.set_outputs({"verdict": Outcome.ERROR.value})
        raise


def _run(job: Job) -> int:
    purpose = job.event.purpose
    if purpose is Purpose.REFUSED:
        raise BadInput(f"Nothing is built on {job.event.name}.", job.event.message)
    if purpose is Purpose.NOTHING:
        job.workflow.say(job.event.message)
        return 0
    if purpose is Purpose.PUBLISH:
        _say(job, publish(job))
        return 0
    return _review(found_pull_request(job))


def _review(job: Job) -> int:
    """The verdict is settled, told and kept before anything is posted."""
    found = reviewed(job)
    report = approved(job, found.report, found.config.approve_label)
    status = _status(gating(report), job.inputs.fail_on)
    _say(job, report)
    for annotation in annotations(report, mild=job.inputs.fail_on == "never"):
        job.workflow.say(render_annotation(annotation))
    job.workflow.add_summary(render_markdown(report, limit=SUMMARY_LIMIT))
    files = {
        "report": job.workflow.save("report.json", render_json(report)),
        "markdown": job.workflow.save("report.md", render_markdown(report)),
    }
    job.workflow.set_outputs({**outputs(report), **files})
    job.workflow.set_outputs({"comment-url": post(job, report, found.config, status)})
    return status


def _say(job: Job, report: Report) -> None:
    with job.workflow.foreign_text():
        job.workflow.say(render_text(report))


def _status(verdict: Outcome, fail_on: str) -> int:
    """Red for what cannot be judged, always; for a size, as `fail-on` says."""
    if verdict is Outcome.ERROR:
        return 2
    return int(verdict in _FAILS_AT[fail_on])
