"""A parser with options in groups, a usage of one line, and the nearest name in its errors."""

import argparse
import difflib
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any, NoReturn, TypeAlias

OptionGroup: TypeAlias = "argparse._ArgumentGroup"

_LEAST_SIMILARITY = 0.6  # difflib's own: one or two letters of an option
_HELP_WIDTH = 26  # columns of the options, in front of their help
# Here, since the parser ends the program with one, and imports least.
EXIT_USER_ERROR = 2  # of the program for every mistake that a user can fix
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells count


class HelpGroup(StrEnum):
    """The groups of options, in the order of the help."""

    IMAGES = "Images"
    REVISIONS = "Revisions"
    LIMITS = "Limits"
    BUILDS = "Builds"
    SUGGESTIONS = "Suggestions"
    HISTORY = "History"
    OUTPUT = "Output"
    GENERAL = "General"


class _HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """A formatter that keeps the lines of examples, and has room for long options."""

    def __init__(self, prog: str, **settings: Any) -> None:
        super().__init__(prog, **{"max_help_position": _HELP_WIDTH, **settings})


class CommandParser(argparse.ArgumentParser):
    """The parser of the program or of one of its commands.

    `hidden_choices` are values that are accepted, and neither listed nor suggested.
    """

    hidden_choices: frozenset[str] = frozenset()

    def __init__(self, **settings: Any) -> None:
        # argparse would add --help to its group `options`, which no command has.
        super().__init__(add_help=False, formatter_class=_HelpFormatter, **settings)
        self._positionals.title = "Arguments"
        self.group(HelpGroup.GENERAL).add_argument(
            "-h", "--help", action="help", help="print this help and exit"
        )

    def group(self, title: HelpGroup) -> OptionGroup:
        """Return a group, to add options to."""
        groups = (group for group in self._action_groups if group.title == title)
        return next(groups, None) or self.add_argument_group(title.value)

    @property
    def actions(self) -> Sequence[argparse.Action]:
        """The arguments, and the one with the commands."""
        return self._actions

    def format_help(self) -> str:
        """Return the help, its groups in the same order in all commands."""
        order = [title.value for title in HelpGroup]
        # A group is where its first option was added, which differs from command to command.
        self._action_groups.sort(
            key=lambda group: order.index(group.title) if group.title in order else -1
        )
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """End with status 2, the usage of this command, and how to get its help."""
        self.print_usage(sys.stderr)
        help_text = f"For its options: {self.prog} --help\n"
        self.exit(EXIT_USER_ERROR, f"{self.prog}: error: {message}\n{help_text}")

    def parse_known_args(  # type: ignore[override]  # the overloads only say which namespace
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse arguments; end with status 2 for one that this command does not have.

        argparse itself would leave them to the parser of the whole program, and print its usage.
        """
        known_arguments, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self._refuse_unknown(unknown)
        return known_arguments, unknown

    def _refuse_unknown(self, arguments: Sequence[str]) -> NoReturn:
        names = [x.partition("=")[0] for x in arguments if x.startswith("-")]
        if not names:
            self.error(f"unexpected argument: {arguments[0]!r}")
        options = [
            option
            for action in self._actions
            if action.help != argparse.SUPPRESS
            for option in action.option_strings
        ]
        # Not its value, which may be a secret.
        self.error(f"unrecognized option: {names[0]}{_suggest(names[0], options)}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Raise ArgumentError for a value that is none of the choices."""
        if action.choices is None or value in action.choices:
            return
        # argparse lists the choices in Python's notation, and differently from version to version.
        choices = [str(choice) for choice in action.choices if choice not in self.hidden_choices]
        hint = _suggest(str(value), choices)
        raise argparse.ArgumentError(
            action, f"invalid choice: {value!r}{hint} (choose from {', '.join(choices)})"
        )


def _suggest(name: str, candidates: Iterable[str]) -> str:
    """Return a question with the nearest candidate; empty if none is near.

    Dashes in front do not count: all options have them in common.
    """
    texts = {candidate.lstrip("-"): candidate for candidate in candidates}
    matches = difflib.get_close_matches(name.lstrip("-"), texts, 1, _LEAST_SIMILARITY)
    return f"; did you mean {texts[matches[0]]}?" if matches else ""
