"""`completion`: a script for a shell, which then completes commands, options and files.

It is made by shtab from the parser of the command line, and so never asks this program: another
library, argcomplete, starts it for each press of the key.
"""

import argparse
import sys
from collections.abc import Mapping

import shtab

from bot.cli.options.argument_parser import make_parser
from bot.cli.options.command_parser import CommandParser

# What to complete, by the name of the value in the help.
_FILES = ("FILE", "DOCKERFILE", "REPORT.json", "PLAN")
_FOLDERS = ("DIR",)
_REVISIONS = ("REV",)
_LIST_REVISIONS = "git for-each-ref --format='%(refname:short)' 2>/dev/null"


def run_completion(shell: str) -> int:
    """Print the script for a shell."""
    parser = make_parser()
    _mark_values(parser)
    sys.stdout.write(shtab.complete(parser, shell))
    return 0


def _mark_values(parser: CommandParser) -> None:
    """Say of each argument what its values are."""
    for action in parser.actions:
        # The parsers of the commands are values of one argument: argparse has no other way to them.
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _mark_values(command)
        elif action.metavar in _FILES:
            _complete(action, shtab.FILE)
        elif action.metavar in _FOLDERS:
            _complete(action, shtab.DIRECTORY)
        elif action.metavar in _REVISIONS:
            _complete(action, shtab.cmd(_LIST_REVISIONS))


def _complete(action: argparse.Action, values: Mapping[str, object]) -> None:
    """Set what shtab reads of an argument."""
    action.complete = values  # type: ignore[attr-defined]
