"""What a shell script does, command by command. Made by adapters/parsing/shell_parser.py with a grammar of the shell.

Spans are places in the Dockerfile, whatever the script was put together from.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.dockerfile.source_text import Span


@dataclass(frozen=True, slots=True)
class Word:
    """A word as written, and what it stands for: None where that is known only when it runs.

    A pattern has characters that the shell would match against files, or braces; its value keeps them.
    """

    text: str
    value: str | None
    span: Span
    is_pattern: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """`NAME=value`, alone, in front of a command, or behind `export` and its like."""

    name: str
    value: Word | None
    span: Span


@dataclass(frozen=True, slots=True)
class Redirection:
    """`>file`, `2>&1`, `<<EOF`, `<<<text`: from the operator with its number on."""

    operator: str
    target: Word | None
    span: Span


@dataclass(frozen=True, slots=True)
class Separator:
    """What joins a command to the one before: `&&`, `||`, `;`, `|`, `&`, or a new line.

    The span begins where the one before is over, so blanks, line ends and comments are in it.
    """

    operator: str
    span: Span


@dataclass(frozen=True, slots=True)
class CompoundCommand:
    """What commands stand in: a `subshell`, `group`, `if`, `loop`, `case`, `function`, `not` or
    `substitution`."""

    kind: str
    span: Span


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command, and the blocks it stands in, the outermost first.

    The redirections of a block are those of each command in it too.
    """

    words: tuple[Word, ...]
    span: Span
    separator: Separator | None = None
    enclosing: tuple[CompoundCommand, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    redirections: tuple[Redirection, ...] = ()

    @property
    def name(self) -> str | None:
        """The command's name without its folder; None if it has none or that is not known."""
        value = self.words[0].value if self.words else None
        return None if value is None else value.rpartition("/")[2]

    @property
    def arguments(self) -> tuple[Word, ...]:
        """What follows the name."""
        return self.words[1:]

    @property
    def argument_values(self) -> tuple[str | None, ...]:
        """What the arguments stand for."""
        return tuple(word.value for word in self.arguments)


@dataclass(frozen=True, slots=True)
class Script:
    """A shell script's commands in order; `complete` says whether the grammar could read it all."""

    commands: tuple[Command, ...]
    is_complete: bool

    def find_commands(self, *names: str) -> Iterator[Command]:
        """The commands of such names."""
        return (command for command in self.commands if command.name in names)

    def removal_span(self, command: Command) -> Span | None:
        """What to delete so that this command is gone and the rest stays joined as it is.

        None where that takes more than leaving it out: the only command of a block, one side of a
        pipe or of an alternative, or one whose heredoc stands further below.
        """
        follower = next((x for x in self.commands if x.span.start >= command.span.end), None)
        before = _separator_within(command, command)
        behind = _separator_within(follower, command) if follower else None
        operators = {joint.operator for joint in (before, behind) if joint}
        if not self.is_complete or _has_heredoc(command) or not operators <= {"&&", ";", "\n"}:
            return None
        if before:
            return Span(before.span.start, command.span.end)
        if follower and behind:
            peers = follower.enclosing == command.enclosing
            return Span(command.span.start, follower.span.start if peers else behind.span.end)
        return None


def _separator_within(following: Command, removed: Command) -> Separator | None:
    """The joint in front of a command, if it lies in the innermost block of the other."""
    joint, block = following.separator, removed.enclosing[-1] if removed.enclosing else None
    if joint and block and not block.span.start <= joint.span.start < block.span.end:
        return None
    return joint


def _has_heredoc(command: Command) -> bool:
    return any(x.operator.endswith(("<<", "<<-")) for x in command.redirections)
