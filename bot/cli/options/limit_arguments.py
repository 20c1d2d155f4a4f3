"""The arguments for limits on sizes and growth, in place of those of a configuration file."""

import argparse

from bot.cli.options.argument_types import make_argument_type, make_size_type
from bot.cli.options.command_parser import CommandParser, HelpGroup
from bot.model.sizes import parse_size
from bot.model.spec import Limits
from bot.project.option_values import (
    make_limits,
    parse_growth_limit,
    parse_layers,
    validate_max_size,
)
from bot.project.useless_warnings import find_useless_warnings


def add_size_arguments(parser: CommandParser) -> None:
    """Add `--max-size`, `--warn-size`, `--max-waste` and `--max-layers`."""
    group = parser.group(HelpGroup.LIMITS)
    group.add_argument(
        "--max-size",
        type=make_size_type(validate_max_size),
        metavar="SIZE",
        help="the maximum size of an image, such as 300MB; auto: the smallest recent size in "
        "the history",
    )
    group.add_argument(
        "--warn-size",
        type=make_size_type(parse_size),
        metavar="SIZE",
        help="the size above which an image gets a warning, such as 250MB",
    )
    group.add_argument(
        "--max-waste",
        type=make_size_type(parse_growth_limit),
        metavar="SIZE|PERCENT",
        help="the maximum waste in the Dockerfile's own layers, such as 20MB, or 5%% of what "
        "they add",
    )
    group.add_argument(
        "--max-layers",
        type=make_argument_type(parse_layers),
        metavar="NUMBER",
        help="the maximum number of layers of an image",
    )


def add_growth_arguments(parser: CommandParser, *, has_two_sides: bool = True) -> None:
    """Add `--max-growth` and `--warn-growth`; a command with one image skips both."""
    suffix = "" if has_two_sides else "; not judged here, since there is no older image: see diff"
    for option, description in (
        ("--max-growth", "the maximum growth of an image, such as 10MB or 5%%"),
        ("--warn-growth", "the growth above which an image gets a warning, such as 2MB or 1%%"),
    ):
        parser.group(HelpGroup.LIMITS).add_argument(
            option,
            type=make_size_type(parse_growth_limit),
            metavar="SIZE|PERCENT",
            help=description + suffix,
        )


def read_limits(arguments: argparse.Namespace) -> Limits:
    """Return the limits; a command without an older image has none on growth."""
    return make_limits(
        getattr(arguments, "max_size", None),
        max_growth=getattr(arguments, "max_growth", None),
        warn_size=getattr(arguments, "warn_size", None),
        warn_growth=getattr(arguments, "warn_growth", None),
        max_waste=getattr(arguments, "max_waste", None),
        max_layers=getattr(arguments, "max_layers", None),
    )


def refuse_useless_warnings(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Exit with status 2 for a limit for a warning that is above the limit beside it."""
    # parser.error ends the program at the first one.
    for name, reason in find_useless_warnings(read_limits(arguments)):
        parser.error(f"argument --{name}: {reason}")
