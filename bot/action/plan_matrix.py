"""The images that an event's change affects, as a matrix for the jobs of a workflow."""

from bot.action.job import Job
from bot.action.problems import report_problem
from bot.action.review import make_request
from bot.action.stored_report import reuse_stored_report
from bot.adapters.docker.bake import BakePrinter
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.errors import ReviewError
from bot.line.image_listing import list_images
from bot.project.shards import spread_images
from bot.report.document.image_matrix import render_matrix
from bot.report.formats.image_table import render_image_table


def list_affected_images(job: Job) -> int:
    """Set the output `matrix`, and print all images; nothing is built, and no engine is needed.

    With `fail-on: never`, a plan that cannot be made is a warning, and no image is reviewed.
    """
    try:
        _set_matrix(job)
    except ReviewError as problem:
        if job.inputs.fail_on != "never":
            raise
        report_problem(job.workflow, problem, is_red=False)
        # An empty matrix, since a job whose `matrix` is no JSON would be an error of the workflow.
        job.workflow.set_missing_output("matrix", render_matrix((), indent=None))
    return 0


def _set_matrix(job: Job) -> None:
    with job.open_repository() as git:
        printer = BakePrinter(job.environment)
        listing = list_images(git, make_request(job, git), DockerfileReader(), printer)
    # After a label has changed, the job that merges judges the stored report again.
    is_judged = reuse_stored_report(job) is not None
    images = tuple(image for image in listing.images if image.is_affected and not is_judged)
    if job.inputs.shards is not None:
        images = spread_images(images, job.inputs.shards)
    job.workflow.set_outputs({"matrix": render_matrix(images, indent=None)})
    with job.workflow.stop_commands():
        job.workflow.log(render_image_table(listing))
