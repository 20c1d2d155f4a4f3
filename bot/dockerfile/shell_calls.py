"""The programs that a `RUN` runs, whatever stands in front of their names."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.dockerfile.instruction import Statement
from bot.dockerfile.shell_script import Command, Script, Word

_WRAPPERS = ("sudo", "env", "exec", "command", "time", "nice", "builtin")
_PYTHON = ("python", "python3", "python2")
_PIP = ("pip3", "pip2")
# Options in front of a verb that take the next word.
_TAKING = ("-o", "-c", "-C", "-t", "-d", "-p", "--prefix", "--cwd", "--filter", "--root")


@dataclass(frozen=True, slots=True)
class Call:
    """A program, what it is given, and the command that it is part of."""

    name: str
    arguments: tuple[Word, ...]
    command: Command

    @property
    def values(self) -> tuple[str, ...]:
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
            elif not found and word.value in _TAKING:
                skipped = True
            elif not (word.value or "").startswith("-"):
                found.append(word)
        return tuple(found)

    @property
    def verb(self) -> str:
        """`install` of `apt-get -y install gcc`; empty if there is none."""
        return (self.operands[0].value or "") if self.operands else ""

    def has(self, *options: str) -> bool:
        """Whether one of the options is given, with a value or without."""
        return any(value.partition("=")[0] in options for value in self.values)

    def does(self, name: str, *verbs: str) -> bool:
        """Whether it is such a program with one of the verbs."""
        return self.name == name and self.verb in verbs


def calls_of(statement: Statement) -> Iterator[Call]:
    """The programs in order; nothing of a script that could not be read whole."""
    return calls_in(statement.script) if statement.script else iter(())


def calls_in(script: Script) -> Iterator[Call]:
    """The programs of a script, likewise."""
    for command in script.commands if script.complete else ():
        call = _call(command)
        if call:
            yield call


def _call(command: Command) -> Call | None:
    words = command.words
    while words and _name(words[0]) in _WRAPPERS:
        words = _unwrapped(words[1:])
    if words and _name(words[0]) in _PYTHON and _value(words, 1) == "-m":
        words = words[2:]
    if not words or words[0].value is None:
        return None
    name = _name(words[0])
    return Call("pip" if name in _PIP else name, words[1:], command)


def _unwrapped(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Without the options and assignments of a `sudo` or an `env`."""
    while words and ((words[0].value or "").startswith("-") or "=" in words[0].text):
        words = words[1:]
    return words


def _name(word: Word) -> str:
    return (word.value or "").rpartition("/")[2]


def _value(words: tuple[Word, ...], at: int) -> str | None:
    return words[at].value if at < len(words) else None
