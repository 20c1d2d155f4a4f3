"""The arguments of `measure` and `diff` that hold existing images against limits."""

import argparse
from pathlib import Path

from bot.cli.options.argument_types import make_argument_type, parse_name
from bot.cli.options.commands import ExistingImageOptions
from bot.cli.options.shared_arguments import add_target_arguments
from bot.model.sizes import parse_size
from bot.project.option_values import parse_growth_limit


def add_max_growth_argument(parser: argparse.ArgumentParser) -> None:
    """Add `--max-growth`."""
    parser.add_argument(
        "--max-growth",
        type=make_argument_type(parse_growth_limit),
        metavar="SIZE|PERCENT",
        help="the maximum growth of an image, such as 10MB or 5%%",
    )


def add_existing_rules(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that `read_existing_rules` reads, but for `--max-growth`."""
    parser.add_argument(
        "--max-size",
        type=make_argument_type(parse_size),
        metavar="SIZE",
        help="the maximum size of the image, such as 300MB",
    )
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
        config=arguments.config,
        name=arguments.image_name,
        dockerfile=arguments.dockerfile,
        context=arguments.context,
        target=arguments.target,
        build_args=tuple(arguments.build_arg),
    )
