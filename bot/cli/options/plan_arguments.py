"""The arguments of `images` and `init`, which are about the plan of reviews to come."""

from bot.cli.options.argument_types import make_argument_type
from bot.cli.options.command_parser import CommandParser, HelpGroup
from bot.cli.options.shared_arguments import add_output_file
from bot.project.option_values import parse_number, parse_shards

_MAX_MARGIN_PERCENT = 1000  # more is a typing error: such a limit would never be reached


def add_images_arguments(parser: CommandParser) -> None:
    """Add the arguments that `images` has beside those of `review`."""
    group = parser.group(HelpGroup.IMAGES)
    group.add_argument(
        "--affected",
        action="store_true",
        help="only the images that the change affects",
    )
    parser.group(HelpGroup.OUTPUT).add_argument(
        "--format",
        choices=("text", "json"),
        metavar="FORMAT",
        help="text (a table) or json (a GitHub matrix for fromJSON); default: by the suffix of "
        "--output, else text",
    )
    add_output_file(parser, "write the list to a file; default: stdout")
    group.add_argument(
        "--shards",
        type=make_argument_type(parse_shards),
        metavar="N",
        help="spread the images over at most N jobs; images that are built on each other stay "
        "together",
    )


def add_init_arguments(parser: CommandParser) -> None:
    """Add the arguments that `init` has beside those of `audit`."""
    add_output_file(parser, "the file to write; default: .github/image-size.yml")
    parser.group(HelpGroup.LIMITS).add_argument(
        "--margin",
        type=make_argument_type(_parse_margin),
        default=10,
        metavar="PERCENT",
        help="the growth that each limit allows, in percent of today's size; default: 10",
    )


def _parse_margin(text: str) -> int:
    return parse_number(text, 0, _MAX_MARGIN_PERCENT, "percentage")
