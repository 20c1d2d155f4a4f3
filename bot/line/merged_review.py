"""The review of two revisions out of reports on the images that jobs built.

What no job's report can say is worked out here: which images there must be, which ones the change
leaves as they are, and which rules it alters. That takes neither an engine nor a registry.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.line.chained_images import ChainFinder
from bot.line.context_warnings import note_open_contexts, note_plan
from bot.line.contexts import ContextFinder
from bot.line.judged_image import report_unbuilt
from bot.line.merged_reports import merge_reports
from bot.line.not_reviewed import add_not_reviewed
from bot.line.ports import BuildFilePrinter, Git, Parser
from bot.line.reported_bases import add_base_images
from bot.line.review import make_report
from bot.line.review_request import ReviewRequest, plan_images
from bot.line.rule_changes import list_rule_changes
from bot.model.image_list import ExpectedImage
from bot.model.report import ImageState, Mode, Report
from bot.project.image_pairing import identify_image
from bot.project.image_plan import PlannedImage


def merge_review(
    parts: Sequence[Report],
    git: Git,
    request: ReviewRequest,
    parser: Parser,
    printer: BuildFilePrinter,
) -> Report:
    """Return the review of a request, out of reports on the images that it affects.

    InputError if a part is not about the request's commits.
    """
    contexts = ContextFinder(git, parser, printer)
    planned = plan_images(git, request, contexts, ChainFinder(git, contexts.dockerfiles, None))
    own = add_not_reviewed(git, _report_rest(git, request, planned, contexts), request, contexts)
    # Each job has noted the guesses of its own images, and `own` has those of all.
    parts = [_drop_guess_notes(part, planned) for part in parts]
    return merge_reports([*parts, own], list(map(_expect, planned)))


def _report_rest(
    git: Git, request: ReviewRequest, planned: Sequence[PlannedImage], contexts: ContextFinder
) -> Report:
    """Report on the images that nothing builds, and on the rules that the change alters."""
    images = tuple(
        add_base_images(report_unbuilt(image), image)
        for image in planned
        if image.state is ImageState.UNCHANGED
    )
    notes = [*request.notes, *note_plan(planned)]
    report = make_report(Mode.REVIEW, request, images, notes)
    return replace(report, gate_changes=list_rule_changes(git, request, planned, contexts))


def _expect(image: PlannedImage) -> ExpectedImage:
    spec = image.spec
    return ExpectedImage(identify_image(spec), spec.context, spec.target, spec.shown_name)


def _drop_guess_notes(part: Report, planned: Sequence[PlannedImage]) -> Report:
    """Return a part without its notes on contexts that are guesses: there is one for all images."""
    images = {image.identity for image in part.images}
    notes = note_open_contexts([x for x in planned if identify_image(x.spec) in images])
    return replace(part, notes=tuple(note for note in part.notes if note not in notes))
