"""The arguments of `advise`, which is about one Dockerfile."""

import argparse
import shlex
from pathlib import Path

from bot.cli.options.argument_types import make_argument_type, parse_name, parse_output_path
from bot.cli.options.build_settings import add_need_arguments, read_build_settings
from bot.cli.options.command_parser import CommandParser, HelpGroup
from bot.cli.options.commands import AdviseOptions
from bot.cli.options.shared_arguments import (
    add_target_arguments,
    add_verify_argument,
    read_output,
)
from bot.project.option_values import validate_text

_FILE_HELP = "the file to read, or the folder that it is in"


def add_advise_arguments(parser: CommandParser) -> None:
    """Add the arguments that `read_advise_options` reads, but for those of the output."""
    parser.add_argument("dockerfile", type=Path, metavar="DOCKERFILE", help=_FILE_HELP)
    images = parser.group(HelpGroup.IMAGES)
    suggestions = parser.group(HelpGroup.SUGGESTIONS)
    images.add_argument(
        "--context", type=Path, metavar="DIR", help="the build context; default: the file's folder"
    )
    images.add_argument(
        "--image",
        type=make_argument_type(parse_name),
        metavar="IMAGE",
        help="an image that was built from the file; savings are measured in it",
    )
    add_verify_argument(parser)
    suggestions.add_argument(
        "--smoke-test",
        type=make_argument_type(_parse_command),
        metavar="COMMAND",
        help="a command that must work in the image, before and after",
    )
    suggestions.add_argument(
        "--write",
        type=make_argument_type(parse_output_path),
        metavar="FILE",
        help="save the verified rewrite, or the changes that need no check or were verified",
    )
    add_target_arguments(parser)
    add_need_arguments(parser)


def read_advise_options(arguments: argparse.Namespace) -> AdviseOptions:
    """Return the options of `advise`."""
    return AdviseOptions(
        read_output(arguments),
        arguments.dockerfile,
        read_build_settings(arguments),
        context=arguments.context,
        image=arguments.image,
        target=arguments.target,
        build_args=tuple(arguments.build_arg),
        verify=arguments.verify,
        smoke_test=tuple(arguments.smoke_test or ()),
        write=arguments.write,
    )


def _parse_command(text: str) -> list[str]:
    return shlex.split(validate_text(text))
