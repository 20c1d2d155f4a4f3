"""The images that a review would be about, without a build: the plan, for people and machines."""

from bot.line.chained_images import ChainFinder
from bot.line.contexts import ContextFinder
from bot.line.not_reviewed import list_left_out
from bot.line.ports import BuildFilePrinter, Git, Parser
from bot.line.review_request import ReviewRequest, plan_images
from bot.model.image_list import ImageListing, LimitSource, ListedImage
from bot.project.config_file import ProjectConfig
from bot.project.image_plan import PlannedImage
from bot.project.limit_sources import BudgetOrigin, list_limits


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
    dockerfiles = {image.spec.dockerfile for image in planned}
    return ImageListing(
        tuple(
            ListedImage(image.spec, image.state, _find_limits(request, image), _list_bases(image))
            for image in planned
        ),
        ()
        if request.overrides.declares_image
        else list_left_out(git, request, dockerfiles, contexts.build_files),
    )


def _list_bases(image: PlannedImage) -> tuple[str, ...]:
    """Return the names of the images that an image is, or may be, built on directly."""
    chain = image.head_chain or image.base_chain
    bases = [link.image.spec for link in chain.links] if chain else []
    return tuple(dict.fromkeys(spec.name for spec in (*bases, *image.possible_bases)))


def _find_limits(request: ReviewRequest, image: PlannedImage) -> tuple[LimitSource, ...]:
    configs, options = request.configs, request.limit_options
    file = configs.path or "--config"
    head = BudgetOrigin(image.spec.budget, configs.head.budget, file)
    if image.base_budget is None:
        return list_limits(options, head)
    common = (configs.base or ProjectConfig()).budget
    return list_limits(options, head, BudgetOrigin(image.base_budget, common, f"the base's {file}"))
