"""`images`: what a review would be about, without a build and without an engine."""

from collections.abc import Mapping
from dataclasses import replace

from bot.adapters.docker.bake import BakePrinter
from bot.adapters.git.repository import GitRepository
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.cli.options.commands import ImagesOptions
from bot.cli.output import find_layout, write_page
from bot.cli.review_requests import make_review_request
from bot.line.image_listing import list_images
from bot.model.image_list import ImageListing, ListedImage
from bot.project.shards import spread_images
from bot.report.document.image_matrix import render_matrix
from bot.report.formats.image_table import render_image_table


def run_images(options: ImagesOptions, environment: Mapping[str, str]) -> int:
    """List the images of two revisions; the status is 0 whatever they are."""
    with GitRepository(options.review.images.repository, environment) as git:
        request = make_review_request(options.review, git, environment)
        listing = list_images(git, request, DockerfileReader(), BakePrinter(environment))
    listing = replace(listing, images=_select(listing.images, options))
    write_page(_render(listing, options), options.review.output)
    return 0


def _select(images: tuple[ListedImage, ...], options: ImagesOptions) -> tuple[ListedImage, ...]:
    selected = tuple(image for image in images if image.is_affected or not options.affected)
    # Spread last, so that no job is left without an image.
    return selected if options.shards is None else spread_images(selected, options.shards)


def _render(listing: ImageListing, options: ImagesOptions) -> str:
    if options.review.output.format == "json":
        return render_matrix(listing.images) + "\n"
    layout = find_layout(is_for_stdout=options.review.output.path is None)
    return render_image_table(listing, **layout)
