"""The arguments of `measure` and `diff` that hold existing images against limits."""

import argparse
from pathlib import Path

from bot.cli.options.argument_types import make_argument_type, parse_name
from bot.cli.options.commands import ExistingImageOptions
from bot.cli.options.shared_arguments import add_size_arguments, add_target_arguments
from bot.project.option_values import parse_growth_limit
from bot.project.useless_warnings import find_useless_warnings


def add_growth_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--max-growth` and `--warn-growth`."""
    for option, description in (
        ("--max-growth", "the maximum growth of an image, such as 10MB or 5%%"),
        ("--warn-growth", "the growth of an image above which it warns, such as 2MB or 1%%"),
    ):
        parser.add_argument(
            option,
            type=make_argument_type(parse_growth_limit),
            metavar="SIZE|PERCENT",
            help=description,
        )


def refuse_useless_warnings(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Exit with status 2 for a limit for a warning that is above the limit beside it."""
    values = vars(arguments)
    sizes = (values.get("max_size"), values.get("warn_size"))
    growths = (values.get("max_growth"), values.get("warn_growth"))
    for name, reason in find_useless_warnings(sizes, growths):
        parser.error(f"argument --{name}: {reason}")


def add_existing_rules(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that `read_existing_rules` reads, but for those of the growth."""
    add_size_arguments(parser)
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="a configuration file with the budget; default: only the limits given here",
    )
    parser.add_argument(
        "--image",
        dest="image_name",
        type=make_argument_type(parse_name),
        metavar="NAME",
        help="the image of that file that it is",
    )
    parser.add_argument(
        "--dockerfile",
        type=Path,
        metavar="FILE",
        help="the Dockerfile of the image, for lines and suggestions",
    )
    parser.add_argument(
        "--context",
        type=Path,
        metavar="DIR",
        help="its build context; default: the Dockerfile's folder",
    )
    add_target_arguments(parser)


def read_existing_rules(arguments: argparse.Namespace) -> ExistingImageOptions:
    """Return the limits, and the Dockerfile of the image."""
    return ExistingImageOptions(
        max_size=arguments.max_size,
        max_growth=arguments.max_growth,
        warn_size=arguments.warn_size,
        warn_growth=arguments.warn_growth,
        config=arguments.config,
        name=arguments.image_name,
        dockerfile=arguments.dockerfile,
        context=arguments.context,
        target=arguments.target,
        build_args=tuple(arguments.build_arg),
    )
