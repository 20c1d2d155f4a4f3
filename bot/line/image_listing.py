"""The images that a review would be about, without a build: the plan, for people and machines."""

from collections.abc import Iterator, Sequence

from bot.line.chained_images import ChainFinder
from bot.line.context_warnings import explain_missing_sources, note_plan
from bot.line.contexts import ContextFinder
from bot.line.not_reviewed import list_left_out
from bot.line.ports import BuildFilePrinter, Git, Parser
from bot.line.review_request import ReviewRequest, plan_images
from bot.line.rule_changes import list_rule_changes
from bot.model.image_list import ImageListing, LimitSource, ListedImage
from bot.model.report import NotReviewed
from bot.project.config_file import ProjectConfig
from bot.project.image_plan import PlannedImage
from bot.project.limit_sources import BudgetOrigin, list_limits

_DROPPED = "this change removes it from the review; it is reviewed as base declares it"


def list_images(
    git: Git, request: ReviewRequest, parser: Parser, printer: BuildFilePrinter
) -> ImageListing:
    """Return what a review of the request would be about; InputError as for the review.

    Neither an engine nor a registry is asked: an image is affected as soon as a Dockerfile that
    may build its base image is.
    """
    contexts = ContextFinder(git, parser, printer)
    chains = ChainFinder(git, contexts.dockerfiles, None)
    planned = plan_images(git, request, contexts, chains)
    return ImageListing(
        tuple(_list_image(request, image) for image in planned),
        _list_left_out(git, request, planned, contexts),
        list_rule_changes(git, request, planned, contexts),
        (*request.notes, *note_plan(planned)),
    )


def _list_image(request: ReviewRequest, image: PlannedImage) -> ListedImage:
    limits, bases = _find_limits(request, image), _list_bases(image)
    return ListedImage(image.spec, image.state, limits, bases, tuple(_list_warnings(image)))


def _list_warnings(image: PlannedImage) -> Iterator[str]:
    if image.is_dropped:
        yield _DROPPED
    if image.head and (reason := explain_missing_sources(image.head)):
        yield reason
    yield from image.base_doubts


def _list_left_out(
    git: Git, request: ReviewRequest, planned: Sequence[PlannedImage], contexts: ContextFinder
) -> tuple[NotReviewed, ...]:
    if request.overrides.declares_image:
        return ()
    specs = [image.spec for image in planned]
    return list_left_out(git, request, specs, contexts.build_files)


def _list_bases(image: PlannedImage) -> tuple[str, ...]:
    """Return the names of the images that an image is, or may be, built on directly."""
    chain = image.head_chain or image.base_chain
    bases = [link.image.spec for link in chain.links] if chain else []
    return tuple(dict.fromkeys(spec.name for spec in (*bases, *image.possible_bases)))


def _find_limits(request: ReviewRequest, image: PlannedImage) -> tuple[LimitSource, ...]:
    configs, options = request.configs, request.limit_options
    # A file of the caller has no path in the repository.
    file = configs.path or "--config"
    head = BudgetOrigin(image.spec.budget, configs.head.budget, file)
    if image.base_budget is None:
        return list_limits(options, head)
    common = (configs.base or ProjectConfig()).budget
    return list_limits(options, head, BudgetOrigin(image.base_budget, common, f"the base's {file}"))
