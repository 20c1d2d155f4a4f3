"""Variables that a script sets for itself, or for one of its programs."""

import re
from collections.abc import Iterable, Iterator

from bot.dockerfile.shell_programs import WRAPPER_OPERANDS
from bot.dockerfile.shell_script import Command

_ASSIGNMENT = re.compile(r"(\w+)=(.*)", re.DOTALL)
_REFERENCE = re.compile(r"\$\{?(\w+)")


def list_variables(text: str) -> frozenset[str]:
    """Return the names of the variables in a text: `$A` and `${B:-c}`."""
    return frozenset(_REFERENCE.findall(text))


def list_assignments(commands: Iterable[Command]) -> Iterator[tuple[str, str]]:
    """Yield names and values; empty values where only the running shell knows them."""
    for command in commands:
        for assignment in command.assignments:
            yield assignment.name, (assignment.value and assignment.value.value) or ""
        # `env NAME=value pip …`, and sudo takes them as well.
        if command.name in WRAPPER_OPERANDS:
            matches = (_ASSIGNMENT.fullmatch(word.text) for word in command.words)
            yield from ((match[1], match[2]) for match in matches if match)
