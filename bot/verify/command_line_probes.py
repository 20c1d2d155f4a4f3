"""Questions that a program answers without doing anything: its help and its version."""

import posixpath
import re
from collections.abc import Iterator

from bot.model.container_config import ContainerConfig

_INTERPRETERS = re.compile(r"(?:python|node|nodejs|ruby|perl|php|bash|sh|deno|bun)[\d.]*$")
_USAGE_MESSAGE = re.compile(
    r"(?i)\busage\b|\boptions:|\bcommands:|--help|missing (?:argument|command|operand)"
)
_HELP_ARGUMENTS = ("--help", "--version", "help")


def list_help_commands(settings: ContainerConfig) -> Iterator[tuple[str, ...]]:
    """The command lines that ask; none for a command in a shell's words."""
    words = settings.entrypoint or settings.command
    program = _get_program(words)
    if program:
        yield from ((*program, question) for question in _HELP_ARGUMENTS)


def is_usage_message(output: str) -> bool:
    """Whether a program that ended badly did so only to say how it wants to be called."""
    return bool(_USAGE_MESSAGE.search(output))


def _get_program(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """The program of a command line, with the script that an interpreter is given."""
    if not arguments:
        return ()
    name = posixpath.basename(arguments[0])
    if name == "java" and "-jar" in arguments:
        return arguments[: arguments.index("-jar") + 2]
    if not _INTERPRETERS.match(name):
        return arguments[:1]
    if len(arguments) > 2 and arguments[1] == "-m":
        return arguments[:3]
    return arguments[:2] if len(arguments) > 1 and not arguments[1].startswith("-") else ()
