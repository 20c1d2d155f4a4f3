"""Merges the reports of a workflow's jobs, each with a part of the images, into the review of all.

What no job's report can say is found out here: which images there must be, which ones the change
leaves as they are, and which rules it alters. That takes neither an engine nor a registry.
"""

from functools import partial

from bot.action.job import Job
from bot.action.report_files import find_report_files, read_reports
from bot.action.review import ReviewResult, make_review_request
from bot.adapters.docker.bake import BakePrinter
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.adapters.record_stores import open_record_store
from bot.budget.untrusted_report import hold_to_limits
from bot.budget.withdrawn_approval import withdraw_approval
from bot.line.merged_review import merge_review
from bot.line.report_history import add_history
from bot.redaction import redact_report


def merge_event(job: Job) -> ReviewResult:
    """Return the review of the event's revisions, out of the reports that the input names."""
    parts = read_reports(find_report_files(job.workflow.workspace, job.inputs.reports))
    job.workflow.log(f"Merging {len(parts)} reports.")
    with job.open_repository() as git:
        request = make_review_request(job, git)
        # The jobs may have had other labels: the approval is read and applied once, afterwards.
        parts = [withdraw_approval(part, request.skip_growth_reason) for part in parts]
        printer = BakePrinter(job.environment)
        report = merge_review(parts, git, request, DockerfileReader(), printer)
        limits = request.overrides.limits
        # A part may come from a job that had no limits, or others: this job's inputs decide.
        report = hold_to_limits(report, limits, request.skip_growth_reason)
        report = add_history(git, report, request, partial(open_record_store, git))
    return ReviewResult(redact_report(report), request.trusted_config)
