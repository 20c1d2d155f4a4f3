"""Compares images that were built elsewhere, by the rules of the commits of a job's event."""

import shlex
from dataclasses import replace
from functools import partial

from bot.action.job import Job
from bot.action.review import ReviewResult, make_review_request
from bot.adapters.docker.buildx import BuildOptions
from bot.adapters.git.repository import GitRepository
from bot.adapters.progress import make_progress
from bot.adapters.record_stores import open_record_store
from bot.compare.size_tree import add_size_trees
from bot.line.compared_images import compare_existing
from bot.line.report_history import add_history
from bot.line.review_request import ReviewRequest
from bot.project.overrides import Overrides
from bot.redaction import redact_report
from bot.wiring import ReviewToolsOpener


def compare_event(job: Job, open_tools: ReviewToolsOpener) -> ReviewResult:
    """Compare the images of the inputs; the report has no secrets and no approval yet.

    Nothing is built, and no container is started: the images are read as data.
    """
    with job.open_repository() as git:
        request, secrets = make_compare_request(job, git), job.make_secret_reader()
        options = BuildOptions(secrets=secrets)
        with (
            # Names of files in an image may look like commands of the runner.
            job.workflow.stop_commands(),
            open_tools(git, job.environment, make_progress(), options) as tools,
        ):
            report = compare_existing(tools, request, job.inputs.compared_images)
            report = add_history(git, report, request, partial(open_record_store, git))
    report = redact_report(add_size_trees(report), secrets.texts)
    return ReviewResult(report, request.trusted_config)


def make_compare_request(job: Job, git: GitRepository) -> ReviewRequest:
    """Return the commits and rules of a review of the same event, and our own command."""
    request = make_review_request(job, git)
    return replace(request, reproduce_command=_make_command(job), notes=())


def _make_command(job: Job) -> str:
    """Return the command that compares the same images; empty unless there are two of them."""
    images, inputs = job.inputs.compared_images, job.inputs.overrides
    if len(images) != 1 or images[0].base_reference is None or len(inputs.platforms) > 1:
        return ""
    names = [images[0].base_reference, images[0].reference]
    # `diff` knows no other options of a review.
    options = Overrides(platforms=inputs.platforms, limits=inputs.limits)
    return shlex.join(["image-size-review", "diff", *names, *options.to_arguments()])
