"""The programs that a `RUN` runs, without wrappers such as `sudo` and `env`.

Rules and rewrites compare `pip install` or `apt-get install` here, and need not know the ways to
write them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.dockerfile.instruction import Instruction
from bot.dockerfile.shell_programs import WRAPPER_OPERANDS
from bot.dockerfile.shell_script import Command, Script, Word

_PYTHON_PROGRAMS = ("python", "python3", "python2")
_PIP_ALIASES = ("pip3", "pip2")
# Options in front of a verb that take the next word.
# `npm --prefix app ci`, `yarn --cwd app install`, `git -C repo clone`: the word behind is no verb.
_OPTIONS_WITH_VALUE = (
    "-o",
    "-c",
    "-C",
    "-t",
    "-d",
    "-p",
    "--prefix",
    "--cwd",
    "--filter",
    "--root",
)


@dataclass(frozen=True, slots=True)
class Call:
    """A program, its arguments, and the command that it is part of."""

    name: str
    arguments: tuple[Word, ...]
    command: Command

    @property
    def known_arguments(self) -> tuple[str, ...]:
        """Return the arguments with a value that is known before the build."""
        return tuple(word.value for word in self.arguments if word.value is not None)

    @property
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

    @property
    def subcommand(self) -> str:
        """Return `install` of `apt-get -y install gcc`; empty if there is none."""
        return (self.operands[0].value or "") if self.operands else ""

    def has_option(self, *options: str) -> bool:
        """Return True if one of the options is present, with or without a value."""
        return any(value.partition("=")[0] in options for value in self.known_arguments)

    def runs_subcommand(self, program: str, *subcommands: str) -> bool:
        """Return True if this runs the program with one of the subcommands."""
        return self.name == program and self.subcommand in subcommands


def iter_instruction_calls(instruction: Instruction) -> Iterator[Call]:
    """Yield the programs of an instruction in order.

    Nothing for a script that the grammar could not read whole.
    """
    return iter_script_calls(instruction.script) if instruction.script else iter(())


def iter_script_calls(script: Script) -> Iterator[Call]:
    """Yield the programs of a script in order; nothing if it could not be read whole."""
    for command in script.commands if script.is_complete else ():
        call = _parse_call(command)
        if call:
            yield call


def _parse_call(command: Command) -> Call | None:
    words = command.words
    while words and (operands := WRAPPER_OPERANDS.get(_program_name(words[0]))) is not None:
        words = _skip_wrapper_arguments(words[1:])[operands:]
    if words and _program_name(words[0]) in _PYTHON_PROGRAMS and _value_at(words, 1) == "-m":
        words = words[2:]
    if not words or words[0].value is None:
        return None
    name = _program_name(words[0])
    return Call("pip" if name in _PIP_ALIASES else name, words[1:], command)


def _skip_wrapper_arguments(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Skip the options and assignments of a `sudo` or an `env`."""
    while words and ((words[0].value or "").startswith("-") or "=" in words[0].text):
        words = words[1:]
    return words


def _program_name(word: Word) -> str:
    return (word.value or "").rpartition("/")[2]


def _value_at(words: tuple[Word, ...], index: int) -> str | None:
    return words[index].value if index < len(words) else None
