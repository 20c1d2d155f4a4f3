"""The changes that rules make to a Dockerfile."""

import re
from collections.abc import Iterable

from bot.dockerfile.edits import Change, insert_lines
from bot.dockerfile.instruction import Statement
from bot.dockerfile.shell_script import Command, Word
from bot.dockerfile.source_text import Span
from bot.dockerfile.stages import Dockerfile

_AND = re.compile(r"[\t ]*(?=&&)")
# After these a shell is no longer where, or what, it was.
_LASTING = ("cd", "pushd", "export", "set", "umask", "exec", "exit", "source", ".", "trap", "alias")


def behind(word: Word, text: str) -> Change:
    """Another word after one."""
    return Change(Span(word.span.end, word.span.end), f" {text}")


def with_flag(statement: Statement, flag: str) -> Change:
    """A flag in front of an instruction's arguments, after those that it has."""
    start = statement.span.start + len(statement.keyword)
    place = statement.flags[-1].span.end if statement.flags else start
    return Change(Span(place, place), f" {flag}")


def appended(dockerfile: Dockerfile, statement: Statement, command: str) -> tuple[Change, ...]:
    """One more command at the end of a `RUN`; nothing where its end is not plain to see."""
    if statement.is_json or statement.script is None or not statement.script.complete:
        return ()
    if statement.heredocs:
        return _into_heredoc(dockerfile, statement, command)
    end = end_of_script(dockerfile, statement)
    if end is None:
        return ()
    line = f" {dockerfile.escape}\n{_indent(dockerfile, statement)}&& {command}"
    return (Change(Span(end, end), line),)


def merged(dockerfile: Dockerfile, first: Statement, second: Statement) -> tuple[Change, ...]:
    """Two `RUN`s, one right after the other, as one; nothing where that would mean something else."""
    end = end_of_script(dockerfile, first)
    if end is None or not _may_be_merged(first, second):
        return ()
    between = dockerfile.source.passage(Span(end, second.span.start)).text.splitlines()
    comments = "".join(f"{line}\n" for line in between if line.lstrip().startswith("#"))
    joint = f" {dockerfile.escape}\n{comments}{_indent(dockerfile, first)}&& "
    return (Change(Span(end, second.arguments.span.start), joint),)


def without_statement(dockerfile: Dockerfile, statement: Statement) -> Change:
    """The whole instruction gone, the comments above it left."""
    source = dockerfile.source
    lines = source.whole_lines(statement.line_start, statement.line_end)
    start = source.content(statement.line_start).span.start
    return Change(Span(start, lines.end), "")


def without_word(dockerfile: Dockerfile, word: Word) -> Change:
    """A word gone, and the blanks in front of it."""
    text = dockerfile.source.data[: word.span.start]
    start = len(text.rstrip(b" \t"))
    return Change(Span(start, word.span.end), "")


def end_of_script(dockerfile: Dockerfile, statement: Statement) -> int | None:
    """Where a command that is appended would be read as such; None if something stands behind."""
    script = statement.script
    if script is None or not script.complete or not script.commands or statement.heredocs:
        return None
    end = max(_outer_end(command) for command in script.commands)
    rest = dockerfile.source.passage(Span(end, statement.span.end)).text
    return None if rest.strip() else end


def _outer_end(command: Command) -> int:
    return max([command.span.end, *(block.span.end for block in command.blocks)])


def _into_heredoc(dockerfile: Dockerfile, statement: Statement, command: str) -> tuple[Change, ...]:
    """As the last line of a script that is nothing but a heredoc."""
    (*more, last) = statement.heredocs
    if more or not statement.arguments.text.startswith("<<"):
        return ()
    return (insert_lines(dockerfile.source, last.line_end, command),)


def _may_be_merged(first: Statement, second: Statement) -> bool:
    scripts = [x.script for x in (first, second)]
    shell = not (first.is_json or second.is_json or second.heredocs)
    flags = [[flag.text for flag in x.flags] for x in (first, second)]
    if not shell or flags[0] != flags[1] or any(not x or not x.complete for x in scripts):
        return False
    commands = [x.commands for x in scripts if x]
    return not _leaves_traces(commands[0]) and _is_one_chain(commands[1])


def _leaves_traces(commands: Iterable[Command]) -> bool:
    """Whether what follows in the same shell would notice."""
    return any(
        command.name in _LASTING or (command.assignments and not command.words)
        for command in commands
        if not any(block.kind in ("subshell", "substitution") for block in command.blocks)
    )


def _is_one_chain(commands: Iterable[Command]) -> bool:
    """Whether all of it is left out once something in front of it fails."""
    return all(
        command.joint is None or command.joint.operator in ("&&", "|", "|&")
        for command in commands
        if not command.blocks
    )


def _indent(dockerfile: Dockerfile, statement: Statement) -> str:
    """What the instruction's own `&&` are indented by."""
    for number in range(statement.line_start + 1, statement.line_end + 1):
        found = _AND.match(dockerfile.source.content(number).text)
        if found:
            return found[0]
    return "    "
