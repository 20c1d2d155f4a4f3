"""The arguments of `audit` that ask which commits changed the sizes."""

import argparse

from bot.cli.options.argument_types import make_argument_type, parse_name
from bot.cli.options.command_parser import CommandParser, HelpGroup


def add_since_arguments(parser: CommandParser) -> None:
    """Add `--since` and `--all`."""
    group = parser.group(HelpGroup.REVISIONS)
    group.add_argument(
        "--since",
        type=make_argument_type(parse_name),
        metavar="REV|DATE",
        help=(
            "find the commits that changed the sizes since a revision or a date, such as v1.0, "
            "2026-01-31 or '30 days ago'; few commits are built; Ctrl-C prints the results so far"
        ),
    )
    group.add_argument(
        "--all",
        action="store_true",
        help="with --since: measure every commit that can matter",
    )


def refuse_useless_since(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """End with a usage line if an option means nothing beside the others."""
    if getattr(arguments, "all", False) and arguments.since is None:
        parser.error("argument --all: it is for --since REV|DATE")
    # Suggestions are about the images of today, and a record is of one commit.
    if getattr(arguments, "since", None) is not None and arguments.verify:
        parser.error("argument --since: not allowed with argument --verify")
    if getattr(arguments, "since", None) is not None and arguments.record:
        parser.error("argument --since: not allowed with argument --record")
