"""The programs that a `RUN` runs, whatever stands in front of their names."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.dockerfile.instruction import Instruction
from bot.dockerfile.shell_script import Command, Script, Word

_WRAPPER_PROGRAMS = ("sudo", "env", "exec", "command", "time", "nice", "builtin")
_PYTHON_PROGRAMS = ("python", "python3", "python2")
_PIP_ALIASES = ("pip3", "pip2")
# Options in front of a verb that take the next word.
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
    """A program, what it is given, and the command that it is part of."""

    name: str
    arguments: tuple[Word, ...]
    command: Command

    @property
    def known_arguments(self) -> tuple[str, ...]:
        """What is known of the arguments."""
        return tuple(word.value for word in self.arguments if word.value is not None)

    @property
    def operands(self) -> tuple[Word, ...]:
        """The arguments that are no options, nor the value of one in front of the verb."""
        found: list[Word] = []
        skipped = False
        for word in self.arguments:
            if skipped:
                skipped = False
            elif not found and word.value in _OPTIONS_WITH_VALUE:
                skipped = True
            elif not (word.value or "").startswith("-"):
                found.append(word)
        return tuple(found)

    @property
    def subcommand(self) -> str:
        """`install` of `apt-get -y install gcc`; empty if there is none."""
        return (self.operands[0].value or "") if self.operands else ""

    def has_option(self, *options: str) -> bool:
        """Whether one of the options is given, with a value or without."""
        return any(value.partition("=")[0] in options for value in self.known_arguments)

    def runs_subcommand(self, program: str, *subcommands: str) -> bool:
        """Whether it is such a program with one of the verbs."""
        return self.name == program and self.subcommand in subcommands


def iter_instruction_calls(instruction: Instruction) -> Iterator[Call]:
    """The programs in order; nothing of a script that could not be read whole."""
    return iter_script_calls(instruction.script) if instruction.script else iter(())


def iter_script_calls(script: Script) -> Iterator[Call]:
    """The programs of a script, likewise."""
    for command in script.commands if script.is_complete else ():
        call = _parse_call(command)
        if call:
            yield call


def _parse_call(command: Command) -> Call | None:
    words = command.words
    while words and _program_name(words[0]) in _WRAPPER_PROGRAMS:
        words = _skip_wrapper_arguments(words[1:])
    if words and _program_name(words[0]) in _PYTHON_PROGRAMS and _value_at(words, 1) == "-m":
        words = words[2:]
    if not words or words[0].value is None:
        return None
    name = _program_name(words[0])
    return Call("pip" if name in _PIP_ALIASES else name, words[1:], command)


def _skip_wrapper_arguments(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Without the options and assignments of a `sudo` or an `env`."""
    while words and ((words[0].value or "").startswith("-") or "=" in words[0].text):
        words = words[1:]
    return words


def _program_name(word: Word) -> str:
    return (word.value or "").rpartition("/")[2]


def _value_at(words: tuple[Word, ...], index: int) -> str | None:
    return words[index].value if index < len(words) else None
