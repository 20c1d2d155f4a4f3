"""A shell script as a list of commands.

adapters/parsing/shell_parser.py builds it with a grammar of the shell; this module needs none.
Spans are offsets in the Dockerfile, also where the script was joined from several lines.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.dockerfile.source_text import Span


@dataclass(frozen=True, slots=True)
class Word:
    """A word as written, and its value: None where only the running shell knows it.

    A pattern has characters that the shell would match against files, or braces; its value
    keeps them.
    """

    text: str
    value: str | None
    span: Span
    is_pattern: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """`NAME=value`, alone, in front of a command, or behind `export` and similar."""

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
    """The operator between two commands: `&&`, `||`, `;`, `|`, `&`, or a line feed.

    The span begins at the end of the command before, so blanks, line ends and comments are in
    it.
    """

    operator: str
    span: Span


@dataclass(frozen=True, slots=True)
class CompoundCommand:
    """A block around commands.

    `kind` is `subshell`, `group`, `if`, `loop`, `case`, `function`, `not` or `substitution`.
    """

    kind: str
    span: Span


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command, and the blocks around it, the outermost first.

    The redirections of a block count for each command in it too. `inner` is the script that a
    shell gets with `-c`, in a `RUN`, a start command or a health check.
    """

    words: tuple[Word, ...]
    span: Span
    separator: Separator | None = None
    enclosing: tuple[CompoundCommand, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    redirections: tuple[Redirection, ...] = ()
    inner: "Script | None" = None

    @property
    def name(self) -> str | None:
        """Return the command's name without its folder; None if there is none or it is unknown."""
        value = self.words[0].value if self.words else None
        return None if value is None else value.rpartition("/")[2]

    @property
    def arguments(self) -> tuple[Word, ...]:
        """Return the words behind the name."""
        return self.words[1:]

    @property
    def argument_values(self) -> tuple[str | None, ...]:
        """Return the values of the arguments."""
        return tuple(word.value for word in self.arguments)


@dataclass(frozen=True, slots=True)
class Script:
    """A shell script's commands in order.

    `is_complete` is True if the grammar could read all of it.
    """

    commands: tuple[Command, ...]
    is_complete: bool

    def find_commands(self, *names: str) -> Iterator[Command]:
        """Yield the commands of the given names."""
        return (command for command in self.commands if command.name in names)

    def removal_span(self, command: Command) -> Span | None:
        """Return the span to delete so that only this command is gone.

        None where that takes more than a deletion: the only command of a block, one side of
        a pipe or of `||`, or one with a heredoc that follows further below.
        """
        if not self.is_complete or _has_heredoc(command):
            return None
        follower = self._next_command(command)
        before = _separator_within(command, command)
        behind = _separator_within(follower, command) if follower else None
        operators = {separator.operator for separator in (before, behind) if separator}
        # With a pipe, `||` or `&` another command gets this one's output or result.
        if not operators <= {"&&", ";", "\n"}:
            return None
        if before:
            return Span(before.span.start, command.span.end)
        if follower and behind:
            is_sibling = follower.enclosing == command.enclosing
            end = follower.span.start if is_sibling else behind.span.end
            return Span(command.span.start, end)
        return None

    def removal_spans(self, commands: Sequence[Command]) -> tuple[Span, ...] | None:
        """Return the spans to delete so that only these commands are gone, in their order.

        None where `removal_span` is for one of them, or if no other command remains.
        """
        spans = [self.removal_span(command) for command in commands]
        remaining = next((x for x in self.commands if not _is_within(x, commands)), None)
        if remaining is None or None in spans:
            return None
        # What is in front of the first command that stays goes with the separator behind it.
        count = sum(command.span.start < remaining.span.start for command in commands)
        later = tuple(span for span in spans[count:] if span)
        if not count or not remaining.separator:
            return later
        is_sibling = remaining.enclosing == commands[0].enclosing
        end = remaining.span.start if is_sibling else remaining.separator.span.end
        return (Span(commands[0].span.start, end), *later)

    def _next_command(self, command: Command) -> Command | None:
        return next((x for x in self.commands if x.span.start >= command.span.end), None)


def _separator_within(following: Command, removed: Command) -> Separator | None:
    """Return the separator before a command, if it is in the other's innermost block."""
    separator = following.separator
    block = removed.enclosing[-1] if removed.enclosing else None
    if separator and block and not block.span.start <= separator.span.start < block.span.end:
        return None
    return separator


def _is_within(command: Command, others: Sequence[Command]) -> bool:
    """Return True for one of the others, and for a command in a substitution of one."""
    return any(x.span.start <= command.span.start < x.span.end for x in others)


def _has_heredoc(command: Command) -> bool:
    return any(x.operator.endswith(("<<", "<<-")) for x in command.redirections)
