"""The arguments of `measure` and `diff`, which are about images that exist already."""

import argparse
from pathlib import Path

from bot.cli.options.argument_types import make_argument_type, parse_name
from bot.cli.options.build_settings import add_login_argument
from bot.cli.options.command_parser import CommandParser, HelpGroup
from bot.cli.options.commands import DiffOptions, ExistingImageOptions, MeasureOptions
from bot.cli.options.limit_arguments import add_growth_arguments, add_size_arguments, read_limits
from bot.cli.options.shared_arguments import add_target_arguments, read_output
from bot.project.option_values import validate_platform

_IMAGE_HELP = (
    "an image in the engine (NAME[:TAG]), a registry (docker://NAME), an archive "
    "(docker-archive:FILE, oci-archive:FILE) or a folder (oci:DIR)"
)


def add_measure_arguments(parser: CommandParser) -> None:
    """Add the arguments that `read_measure_options` reads, but for those of the output."""
    name = make_argument_type(parse_name)
    parser.add_argument("image", type=name, metavar="IMAGE", help=_IMAGE_HELP)
    add_growth_arguments(parser, has_two_sides=False)
    _add_common_arguments(parser)


def add_diff_arguments(parser: CommandParser) -> None:
    """Add the arguments that `read_diff_options` reads, but for those of the output."""
    name = make_argument_type(parse_name)
    parser.add_argument("old", type=name, metavar="OLD", help=_IMAGE_HELP)
    parser.add_argument("new", type=name, metavar="NEW", help="the image to compare with it")
    add_growth_arguments(parser)
    _add_common_arguments(parser)


def read_measure_options(arguments: argparse.Namespace) -> MeasureOptions:
    """Return the options of `measure`."""
    return MeasureOptions(
        read_output(arguments),
        arguments.image,
        arguments.platform,
        arguments.compressed,
        _read_rules(arguments),
        tuple(arguments.registry_auth),
        arguments.skip_digest_check,
    )


def read_diff_options(arguments: argparse.Namespace) -> DiffOptions:
    """Return the options of `diff`."""
    return DiffOptions(
        read_output(arguments),
        arguments.old,
        arguments.new,
        arguments.platform,
        arguments.compressed,
        _read_rules(arguments),
        tuple(arguments.registry_auth),
        arguments.skip_digest_check,
    )


def _add_common_arguments(parser: CommandParser) -> None:
    group = parser.group(HelpGroup.IMAGES)
    group.add_argument(
        "--platform",
        type=make_argument_type(validate_platform),
        metavar="OS/ARCH",
        help="the platform of a multi-platform image; default: this machine's",
    )
    group.add_argument(
        "--compressed",
        action="store_true",
        help="read all contents to estimate compressed sizes within 2 %%; slower",
    )
    group.add_argument(
        "--skip-digest-check",
        action="store_true",
        help="do not check the digests of an archive or a folder, which is faster; only for a "
        "file that you trust",
    )
    add_login_argument(parser)
    _add_rules(parser)


def _add_rules(parser: CommandParser) -> None:
    """Add the arguments that `_read_rules` reads, but for those of the growth."""
    add_size_arguments(parser)
    limits, group = parser.group(HelpGroup.LIMITS), parser.group(HelpGroup.IMAGES)
    limits.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="a configuration file with the budget; default: only the limits given here",
    )
    limits.add_argument(
        "--image",
        dest="image_name",
        type=make_argument_type(parse_name),
        metavar="NAME",
        help="the name of this image in that file",
    )
    group.add_argument(
        "--dockerfile",
        type=Path,
        metavar="FILE",
        help="the Dockerfile of the image, for lines and suggestions",
    )
    group.add_argument(
        "--context",
        type=Path,
        metavar="DIR",
        help="its build context; default: the Dockerfile's folder",
    )
    add_target_arguments(parser)


def _read_rules(arguments: argparse.Namespace) -> ExistingImageOptions:
    """Return the limits, and the Dockerfile of the image."""
    return ExistingImageOptions(
        limits=read_limits(arguments),
        config=arguments.config,
        name=arguments.image_name,
        dockerfile=arguments.dockerfile,
        context=arguments.context,
        target=arguments.target,
        build_args=tuple(arguments.build_arg),
    )
