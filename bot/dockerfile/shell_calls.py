"""The programs that a `RUN` runs, without wrappers such as `sudo` and `env`.

Rules and rewrites compare `pip install` or `apt-get install` here, and need not know the ways to
write them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest

from bot.dockerfile.instruction import Instruction
from bot.dockerfile.shell_script import Command, Script, Word
from bot.dockerfile.source_text import Span
from bot.dockerfile.wrapped_programs import read_program_name, skip_wrappers

_PYTHON_PROGRAM = re.compile(r"(?:python|pypy)\d*(?:\.\d+)?")
# pip installs itself as `pip`, `pip3` and `pip3.11`.
_PIP_PROGRAM = re.compile(r"pip\d+(?:\.\d+)?")
_COMPOSER_NAMES = ("composer", "composer.phar")
_PYTHON_OPTIONS_WITH_VALUE = ("-W", "-X")
# Options in front of a verb that take the next word.
# `npm --prefix app ci`, `yarn --cwd app install`, `git -C repo clone`: the word behind is no verb.
_OPTIONS_WITH_VALUE = frozenset(
    {
        "-o",
        "-c",
        "-C",
        "-t",
        "-d",
        "-p",
        "-X",
        "--prefix",
        "--cwd",
        "--filter",
        "--root",
        "--cache",
        "--cache-dir",
        "--cache-folder",
        "--cert",
        "--proxy",
        "--python",
        "--retries",
        "--disablerepo",
        "--enablerepo",
        "--installroot",
        "--releasever",
        "--repository",
        "--loglevel",
        "--network-timeout",
        "--registry",
        "--timeout",
        "--trusted-host",
        "--virtual",
        "--working-dir",
    }
)


@dataclass(frozen=True)
class Call:
    """A program, its arguments, and the command that it is part of.

    `program_span` reaches from the start of the command to the program's name: assignments and
    wrappers are in it. `wrappers` are their names. A call inside of `bash -c "…"` is nested.
    """

    name: str
    arguments: tuple[Word, ...]
    command: Command
    program_span: Span
    wrappers: tuple[str, ...] = ()
    is_nested: bool = False

    @property
    def known_arguments(self) -> tuple[str, ...]:
        """Return the arguments with a value that is known before the build."""
        return tuple(word.value for word in self.arguments if word.value is not None)

    @cached_property
    def operands(self) -> tuple[Word, ...]:
        """Return the arguments that are neither options nor the value of one before the verb."""
        operands: list[Word] = []
        skip_next = False
        for word in self.arguments:
            if skip_next:
                skip_next = False
            elif not operands and word.value in _OPTIONS_WITH_VALUE:
                skip_next = True
            elif not (word.value or "").startswith("-"):
                operands.append(word)
        return tuple(operands)

    @cached_property
    def subcommand(self) -> str:
        """Return `install` of `apt-get -y install gcc`; empty if there is none."""
        return (self.operands[0].value or "") if self.operands else ""

    @property
    def is_recursive(self) -> bool:
        """Return True for `-R` as of chmod and chown, alone or among others (`-hR`)."""
        return any(
            value == "--recursive" or (value.startswith("-") and value[1:2] != "-" and "R" in value)
            for value in self.known_arguments
        )

    def has_option(self, *options: str) -> bool:
        """Return True if one of the options is present, with or without a value."""
        return any(value.partition("=")[0] in options for value in self.known_arguments)

    def option_value(self, *options: str) -> str | None:
        """Return the value of an option, behind `=` or as the next word; None if it is absent."""
        for word, following in zip_longest(self.arguments, self.arguments[1:]):
            name, equals, value = word.text.partition("=")
            if name in options:
                return value if equals else (following.text if following else "")
        return None

    def runs_subcommand(self, program: str, *subcommands: str) -> bool:
        """Return True if this runs the program with one of the subcommands.

        `cache clean` is one of two words.
        """
        return self.name == program and any(map(self._has_verbs, subcommands))

    def _has_verbs(self, subcommand: str) -> bool:
        verbs = subcommand.split()
        values = [word.value for word in self.operands[: len(verbs)]]
        return values == verbs if verbs else not self.operands


def iter_instruction_calls(instruction: Instruction) -> Iterator[Call]:
    """Yield the programs of an instruction in order.

    Nothing for a script that the grammar could not read whole.
    """
    return iter_script_calls(instruction.script) if instruction.script else iter(())


def iter_script_calls(script: Script) -> Iterator[Call]:
    """Yield the programs of a script in order; nothing if it could not be read whole.

    Those that `bash -c "…"` runs follow the shell.
    """
    for command in script.commands if script.is_complete else ():
        call = _parse_call(command)
        if call:
            yield call
        if command.inner:
            yield from (replace(x, is_nested=True) for x in iter_script_calls(command.inner))


def _parse_call(command: Command) -> Call | None:
    words, wrappers = skip_wrappers(command.words)
    if words and _PYTHON_PROGRAM.fullmatch(read_program_name(words[0])):
        words = _skip_to_module(words)
    elif words and read_program_name(words[0]) == "php":
        words = _skip_to_composer(words)
    name = read_program_name(words[0]) if words else ""
    if not name:
        return None
    span = Span(command.span.start, words[0].span.end)
    name = "pip" if _PIP_PROGRAM.fullmatch(name) else name.removesuffix(".phar")
    return Call(name, words[1:], command, span, wrappers)


def _skip_to_module(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Return the words from the module on: `pip …` of `python3 -u -m pip …`."""
    index = 1
    while index < len(words) and (words[index].value or "").startswith("-"):
        if words[index].value == "-m":
            return words[index + 1 :]
        index += 2 if words[index].value in _PYTHON_OPTIONS_WITH_VALUE else 1
    return words


def _skip_to_composer(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Return the words from Composer on: `composer.phar install` of `php -n composer.phar …`."""
    index = 1
    while index < len(words) and words[index].text.startswith("-"):
        index += 2 if words[index].text == "-d" else 1
    is_composer = index < len(words) and read_program_name(words[index]) in _COMPOSER_NAMES
    return words[index:] if is_composer else words
