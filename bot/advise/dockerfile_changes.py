"""The changes that rules make to a Dockerfile."""

import re
from collections.abc import Iterable

from bot.dockerfile.edits import TextChange, insert_lines
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.shell_script import Command, Word
from bot.dockerfile.source_text import Span
from bot.dockerfile.stages import Dockerfile

_AND_INDENT = re.compile(r"[\t ]*(?=&&)")
# After these a shell is no longer where, or what, it was.
_STATEFUL_COMMANDS = (
    "cd",
    "pushd",
    "export",
    "set",
    "umask",
    "exec",
    "exit",
    "source",
    ".",
    "trap",
    "alias",
)


def insert_after(word: Word, text: str) -> TextChange:
    """Another word after one."""
    return TextChange(Span(word.span.end, word.span.end), f" {text}")


def add_flag(instruction: Instruction, flag: str) -> TextChange:
    """A flag in front of an instruction's arguments, after those that it has."""
    start = instruction.span.start + len(instruction.keyword)
    place = instruction.flags[-1].span.end if instruction.flags else start
    return TextChange(Span(place, place), f" {flag}")


def append_command(
    dockerfile: Dockerfile, instruction: Instruction, command: str
) -> tuple[TextChange, ...]:
    """One more command at the end of a `RUN`; nothing where its end is not plain to see."""
    if instruction.is_json or instruction.script is None or not instruction.script.is_complete:
        return ()
    if instruction.heredocs:
        return _append_to_heredoc(dockerfile, instruction, command)
    end = find_script_end(dockerfile, instruction)
    if end is None:
        return ()
    line = f" {dockerfile.escape}\n{_find_indent(dockerfile, instruction)}&& {command}"
    return (TextChange(Span(end, end), line),)


def merge_runs(
    dockerfile: Dockerfile, first: Instruction, second: Instruction
) -> tuple[TextChange, ...]:
    """Two `RUN`s, one right after the other, as one; nothing where that would mean something else."""
    end = find_script_end(dockerfile, first)
    if end is None or not _can_merge(first, second):
        return ()
    between = dockerfile.source.text_at(Span(end, second.span.start)).text.splitlines()
    comments = "".join(f"{line}\n" for line in between if line.lstrip().startswith("#"))
    joint = f" {dockerfile.escape}\n{comments}{_find_indent(dockerfile, first)}&& "
    return (TextChange(Span(end, second.argument_text.span.start), joint),)


def remove_instruction(dockerfile: Dockerfile, instruction: Instruction) -> TextChange:
    """The whole instruction gone, the comments above it left."""
    source = dockerfile.source
    lines = source.span_of_lines(instruction.line_start, instruction.line_end)
    start = source.line_text(instruction.line_start).span.start
    return TextChange(Span(start, lines.end), "")


def remove_word(dockerfile: Dockerfile, word: Word) -> TextChange:
    """A word gone, and the blanks in front of it."""
    text = dockerfile.source.data[: word.span.start]
    start = len(text.rstrip(b" \t"))
    return TextChange(Span(start, word.span.end), "")


def find_script_end(dockerfile: Dockerfile, instruction: Instruction) -> int | None:
    """Where a command that is appended would be read as such; None if something stands behind."""
    script = instruction.script
    if script is None or not script.is_complete or not script.commands or instruction.heredocs:
        return None
    end = max(_find_outer_end(command) for command in script.commands)
    rest = dockerfile.source.text_at(Span(end, instruction.span.end)).text
    return None if rest.strip() else end


def _find_outer_end(command: Command) -> int:
    return max([command.span.end, *(block.span.end for block in command.enclosing)])


def _append_to_heredoc(
    dockerfile: Dockerfile, instruction: Instruction, command: str
) -> tuple[TextChange, ...]:
    """As the last line of a script that is nothing but a heredoc."""
    (*more, last) = instruction.heredocs
    if more or not instruction.argument_text.text.startswith("<<"):
        return ()
    return (insert_lines(dockerfile.source, last.line_end, command),)


def _can_merge(first: Instruction, second: Instruction) -> bool:
    scripts = [x.script for x in (first, second)]
    shell = not (first.is_json or second.is_json or second.heredocs)
    flags = [[flag.text for flag in x.flags] for x in (first, second)]
    if not shell or flags[0] != flags[1] or any(not x or not x.is_complete for x in scripts):
        return False
    commands = [x.commands for x in scripts if x]
    return not _changes_shell_state(commands[0]) and _is_and_chain(commands[1])


def _changes_shell_state(commands: Iterable[Command]) -> bool:
    """Whether what follows in the same shell would notice."""
    return any(
        command.name in _STATEFUL_COMMANDS or (command.assignments and not command.words)
        for command in commands
        if not any(block.kind in ("subshell", "substitution") for block in command.enclosing)
    )


def _is_and_chain(commands: Iterable[Command]) -> bool:
    """Whether all of it is left out once something in front of it fails."""
    return all(
        command.separator is None or command.separator.operator in ("&&", "|", "|&")
        for command in commands
        if not command.enclosing
    )


def _find_indent(dockerfile: Dockerfile, instruction: Instruction) -> str:
    """What the instruction's own `&&` are indented by."""
    for number in range(instruction.line_start + 1, instruction.line_end + 1):
        found = _AND_INDENT.match(dockerfile.source.line_text(number).text)
        if found:
            return found[0]
    return "    "
