"""The arguments of `review` and `audit`, which are about revisions of a repository."""

import argparse

from bot.cli.options.argument_types import make_argument_type, parse_name
from bot.cli.options.build_settings import read_build_settings
from bot.cli.options.command_parser import CommandParser, HelpGroup
from bot.cli.options.commands import AuditOptions, ReviewOptions
from bot.cli.options.limit_arguments import add_growth_arguments
from bot.cli.options.shared_arguments import (
    add_record_argument,
    add_selection_arguments,
    read_output,
    read_selection,
)
from bot.cli.options.since_arguments import add_since_arguments


def add_revision_arguments(parser: CommandParser, *, builds: bool = True) -> None:
    """Add the arguments that say what a review is about."""
    add_selection_arguments(parser, builds=builds)
    group = parser.group(HelpGroup.REVISIONS)
    group.add_argument(
        "--base",
        type=make_argument_type(parse_name),
        metavar="REV",
        help=(
            "the revision to compare with; a remote's branch such as origin/main stands for the "
            "fork point; default: the fork point of the default branch"
        ),
    )
    group.add_argument(
        "--head",
        type=make_argument_type(parse_name),
        metavar="REV",
        help="the revision to review; default: the working tree",
    )
    add_growth_arguments(parser)


def read_review_options(arguments: argparse.Namespace) -> ReviewOptions:
    """Return the options of `review`."""
    return ReviewOptions(
        read_output(arguments),
        read_selection(arguments),
        read_build_settings(arguments),
        verify=arguments.verify,
        base=arguments.base,
        head=arguments.head,
        records=getattr(arguments, "record", False),  # `images` measures nothing
    )


def add_audit_arguments(parser: CommandParser) -> None:
    """Add the arguments that `read_audit_options` reads, but for those of the output."""
    add_selection_arguments(parser)
    parser.group(HelpGroup.REVISIONS).add_argument(
        "--rev",
        type=make_argument_type(parse_name),
        metavar="REV",
        help="the revision to list; default: the working tree, with --since the last commit",
    )
    add_record_argument(parser)
    add_since_arguments(parser)


def read_audit_options(arguments: argparse.Namespace) -> AuditOptions:
    """Return the options of `audit`."""
    return AuditOptions(
        read_output(arguments),
        read_selection(arguments),
        read_build_settings(arguments),
        verify=arguments.verify,
        revision=arguments.rev,
        records=arguments.record,
        since=arguments.since,
        covers_all=arguments.all,
    )
