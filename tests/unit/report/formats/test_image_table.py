"""The table of the images that a review would be about."""

from bot.model.image_list import ImageListing
from bot.model.report import NotReviewed
from bot.report.formats.image_table import render_image_table


def test_what_is_left_out_is_counted_whatever_it_is() -> None:
    left_out = (
        NotReviewed("tests/Dockerfile", "excluded by default"),
        NotReviewed("docker-bake.hcl", "cannot be read"),
    )
    assert render_image_table(ImageListing((), left_out)) == (
        "0 images, 0 affected.\n"
        "\n"
        "2 not reviewed:\n"
        "  tests/Dockerfile: excluded by default\n"
        "  docker-bake.hcl: cannot be read\n"
    )
