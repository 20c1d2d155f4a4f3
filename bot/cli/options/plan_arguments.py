"""The arguments of `images` and `init`, which are about the plan of reviews to come."""

import argparse

from bot.cli.options.argument_types import make_argument_type
from bot.cli.options.shared_arguments import add_output_file
from bot.project.option_values import parse_number, parse_shards

_MAX_MARGIN_PERCENT = 1000
_IMAGES_EXAMPLES = """\
examples:
  image-size-review images --base main               every image, with context and limits
  image-size-review images --affected                only those that the change affects
  image-size-review images --shards 4 --format json  a GitHub matrix of at most 4 jobs
"""
_INIT_EXAMPLES = """\
examples:
  image-size-review init                    writes .github/image-size.yml
  image-size-review init --margin 25        allows each image 25 % more than it has today
  image-size-review init --output size.yml  writes another file
"""


def add_images_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that `images` has beside those of `review`."""
    _show_examples(parser, _IMAGES_EXAMPLES)
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="a table, or a GitHub matrix for fromJSON; default: text",
    )
    add_output_file(parser, "write the list to a file; default: stdout")
    parser.add_argument(
        "--affected",
        action="store_true",
        help="only the images that the change affects",
    )
    parser.add_argument(
        "--shards",
        type=make_argument_type(parse_shards),
        metavar="N",
        help="spread the images over at most N jobs; images that are built on each other stay "
        "together",
    )


def add_init_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that `init` has beside those of `audit`."""
    _show_examples(parser, _INIT_EXAMPLES)
    add_output_file(parser, "the file to write; default: .github/image-size.yml")
    parser.add_argument(
        "--margin",
        type=make_argument_type(_parse_margin),
        default=10,
        metavar="PERCENT",
        help="the growth that each limit allows, in percent of today's size; default: 10",
    )


def _parse_margin(text: str) -> int:
    return parse_number(text, 0, _MAX_MARGIN_PERCENT, "percentage")


def _show_examples(parser: argparse.ArgumentParser, examples: str) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = examples
