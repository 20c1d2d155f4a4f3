"""Probes of a program's command line: it prints help and version without doing anything.

They are a fallback for programs that do not run on their own here, without a network or a
database.
"""

import posixpath
import re
import shlex
from collections.abc import Iterator

from bot.model.container_config import ContainerConfig

_INTERPRETERS = re.compile(r"(?:python|node|nodejs|ruby|perl|php|bash|sh|deno|bun)[\d.]*$")
# What programs print that lack an argument: "Usage: …", "missing file operand", "please specify a
# command", "expected one subcommand", "unknown command".
_USAGE_MESSAGE = re.compile(
    r"(?i)\busage\b|\boptions:|\bcommands:|--help"
    r"|missing (?:\w+ )?(?:argument|command|operand|mode)"
    r"|\b(?:please|must|should) (?:specify|provide|pass|choose|give)\b"
    r"|\b(?:expects?|expected|requires?|required|needs?|no|unknown|invalid)"
    r" (?:an? |one |the )?(?:\w+ )?(?:argument|command|mode|role|subcommand)s?\b"
)
# A word that a usage message offers: `'server' or 'client'`, `<server|client>`, `{server,client}`
_OFFERED_WORD = re.compile(r"[\"'`<{\[(]([a-z][a-z0-9_-]*)(?=[\"'`>}\]),|])")
# `Commands:`, `Available Commands:`, `SUBCOMMANDS`, `The commands are:`, and a line of one below it
_COMMANDS_HEADING = re.compile(r"(?i)\b(?:sub)?commands?\b[^.]*:?\s*$")
_SUBCOMMAND = re.compile(r"\s{1,8}([a-z][a-z0-9_-]*)(?:, [a-z]+)?(?:\s{2,}|\s+-\s|\t|$|\s*[\[<])")
_MAX_SUBCOMMANDS = 8
_JAVA_PROGRAM_OPTIONS = ("-jar", "-m", "--module")
_JAVA_PATH_OPTIONS = ("-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-modules")
_HELP_ARGUMENTS = ("--help", "--version", "help")


def list_help_commands(settings: ContainerConfig) -> Iterator[tuple[str, ...]]:
    """Yield the command lines that ask for help and version; none for a shell's command string."""
    arguments = settings.entrypoint or settings.command
    program = _get_program(arguments)
    if program:
        yield from ((*program, help_argument) for help_argument in _HELP_ARGUMENTS)


def is_usage_message(output: str) -> bool:
    """Return True if a program that failed only printed how to call it."""
    return bool(_USAGE_MESSAGE.search(output))


def advise_smoke_test(settings: ContainerConfig, output: str) -> str:
    """Return what to do where an image does not run by itself: name a command that does."""
    program = _get_program(settings.entrypoint or settings.command)
    if not program or not is_usage_message(output):
        return 'name a command that succeeds without network and database: --smoke-test "COMMAND"'
    offered = _OFFERED_WORD.search(output)
    command = shlex.join([*program, offered[1] if offered else "ARGUMENT"])
    return f'it expects an argument; name a command that has one: --smoke-test "{command}"'


def list_subcommands(help_text: str) -> tuple[str, ...]:
    """List the subcommands that a help text describes, eight at most."""
    names: list[str] = []
    is_listed = False
    for line in help_text.splitlines():
        if line and not line[0].isspace():
            is_listed = bool(_COMMANDS_HEADING.search(line))
        elif is_listed and (match := _SUBCOMMAND.match(line)):
            names.append(match[1])
    return tuple(dict.fromkeys(names))[:_MAX_SUBCOMMANDS]


def _get_program(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """Return the program of a command line, with the script that an interpreter runs."""
    if not arguments:
        return ()
    name = posixpath.basename(arguments[0])
    if name == "java":
        return _get_java_program(arguments)
    if not _INTERPRETERS.match(name):
        return arguments[:1]
    if len(arguments) > 2 and arguments[1] == "-m":
        return arguments[:3]
    return arguments[:2] if len(arguments) > 1 and not arguments[1].startswith("-") else ()


def _get_java_program(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """Return the virtual machine with its options and the class, jar or module that it starts."""
    count = 1
    while count < len(arguments) and arguments[count].startswith("-"):
        if arguments[count] in _JAVA_PROGRAM_OPTIONS:
            return arguments[: count + 2]
        count += 2 if arguments[count] in _JAVA_PATH_OPTIONS else 1
    return arguments[: count + 1] if count < len(arguments) else ()
