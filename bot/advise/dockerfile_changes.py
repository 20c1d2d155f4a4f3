"""Changes that rules make to a Dockerfile.

Each returns nothing rather than a change that might mean something else to the shell.
"""

import re
from collections.abc import Iterable

from bot.dockerfile.edits import TextChange, insert_lines
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.shell_forms import is_heredoc_of_shell
from bot.dockerfile.shell_script import Command, Script, Word
from bot.dockerfile.source_text import Span
from bot.dockerfile.stages import Dockerfile

# The blanks of a line of the script that goes on with `&&`.
_AND_INDENT = re.compile(r"[\t ]*(?=&&)")
# These change the shell's folder, variables or options for the commands behind them.
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

# Nothing behind these runs.
_ENDING_COMMANDS = ("exit", "exec", "return")


def insert_after(word: Word, text: str) -> TextChange:
    """Insert a word after another."""
    return TextChange(Span(word.span.end, word.span.end), f" {text}")


def add_flag(instruction: Instruction, flag: str) -> TextChange:
    """Insert a flag behind the flags of an instruction."""
    start = instruction.span.start + len(instruction.keyword)
    offset = instruction.flags[-1].span.end if instruction.flags else start
    return TextChange(Span(offset, offset), f" {flag}")


def append_command(
    dockerfile: Dockerfile, instruction: Instruction, command: str
) -> tuple[TextChange, ...]:
    """Append a command to a `RUN`; return nothing if its end is unclear, or is not reached."""
    script = instruction.script
    if instruction.is_json or script is None or not script.is_complete:
        return ()
    if instruction.heredocs and _ends_with_success(script):
        return _insert_before_end(dockerfile, instruction, command)
    if _ends_early(script):
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
    """Merge two adjacent `RUN`s; return nothing if the result could behave differently."""
    end = find_script_end(dockerfile, first)
    if end is None or not _can_merge(first, second):
        return ()
    between = dockerfile.source.text_at(Span(end, second.span.start)).text.splitlines()
    # Comments may be between the lines of one instruction; blank lines there are deprecated.
    comments = "".join(f"{line}\n" for line in between if line.lstrip().startswith("#"))
    separator = f" {dockerfile.escape}\n{comments}{_find_indent(dockerfile, first)}&& "
    return (TextChange(Span(end, second.argument_text.span.start), separator),)


def remove_instruction(dockerfile: Dockerfile, instruction: Instruction) -> TextChange:
    """Delete an instruction; comments above it stay."""
    source = dockerfile.source
    lines = source.span_of_lines(instruction.line_start, instruction.line_end)
    start = source.line_text(instruction.line_start).span.start
    return TextChange(Span(start, lines.end), "")


def remove_word(dockerfile: Dockerfile, word: Word) -> TextChange:
    """Delete a word and the blanks before it, or its line if nothing else is on it."""
    source = dockerfile.source
    line = source.span_of_lines(*[source.line_at(word.span.start)] * 2)
    before = source.data[line.start : word.span.start]
    # A word alone on its line, with the character that continues it, takes its line along.
    behind = source.data[word.span.end : line.end].strip()
    if not before.strip() and behind == dockerfile.escape.encode():
        return TextChange(line, "")
    start = line.start + len(before.rstrip(b" \t"))
    return TextChange(Span(start, word.span.end), "")


def find_script_end(dockerfile: Dockerfile, instruction: Instruction) -> int | None:
    """Return the offset at which a command can be appended; None if text follows there."""
    script = instruction.script
    if script is None or not script.is_complete or not script.commands or instruction.heredocs:
        return None
    end = max(_find_outer_end(command) for command in script.commands)
    following = dockerfile.source.text_at(Span(end, instruction.span.end)).text
    return None if following.strip() else end


def _find_outer_end(command: Command) -> int:
    return max([command.span.end, *(block.span.end for block in command.enclosing)])


def _append_to_heredoc(
    dockerfile: Dockerfile, instruction: Instruction, command: str
) -> tuple[TextChange, ...]:
    """Append to a script that is a single heredoc: a line, if it ends where a command fails."""
    (*others, last) = instruction.heredocs
    script = instruction.script
    if others or script is None or not is_heredoc_of_shell(instruction):
        return ()
    if any(map(sets_errexit, script.commands)):
        return (insert_lines(dockerfile.source, last.line_end, command),)
    # A line more would be the one that decides whether the `RUN` fails.
    end = max(map(_find_outer_end, script.commands), default=0)
    following = dockerfile.source.text_at(Span(end, last.body.span.end)).text
    return () if following.strip() else (TextChange(Span(end, end), f" && {command}"),)


def _insert_before_end(
    dockerfile: Dockerfile, instruction: Instruction, command: str
) -> tuple[TextChange, ...]:
    """Insert a line before the last command of a script, which decides how the `RUN` ends."""
    script = instruction.script
    if script is None or len(instruction.heredocs) > 1 or not is_heredoc_of_shell(instruction):
        return ()
    line = dockerfile.source.line_at(script.commands[-1].span.start)
    return (insert_lines(dockerfile.source, line, command),)


def sets_errexit(command: Command) -> bool:
    """Return True for `set -e` and its longer forms."""
    values = command.argument_values if command.name == "set" else ()
    return any(
        value == "errexit" or (value.startswith("-") and "e" in value[1:])
        for value in values
        if value
    )


def _ends_with_success(script: Script) -> bool:
    """Return True if the last command of a script is `exit 0`, on a line of its own."""
    *before, last = script.commands or (None,)
    return bool(
        before
        and last
        and last.name == "exit"
        and last.argument_values == ("0",)
        and not last.enclosing
        and last.separator
        and last.separator.operator == "\n"
    )


def _ends_early(script: Script) -> bool:
    """Return True if a script ends with `exit` or `exec`: nothing behind it would run."""
    last = script.commands[-1] if script.commands else None
    # `make || exit 1` goes on where make succeeds.
    is_alternative = last and last.separator and last.separator.operator == "||"
    return bool(last and last.name in _ENDING_COMMANDS and not is_alternative)


def _can_merge(first: Instruction, second: Instruction) -> bool:
    first_script, second_script = _shell_form_script(first), _shell_form_script(second)
    if first_script is None or second_script is None or second.heredocs:
        return False
    # A mount or a network mode holds for the whole `RUN`.
    if [flag.text for flag in first.flags] != [flag.text for flag in second.flags]:
        return False
    # `a && b; c` behind `&&` would run c even if the first RUN failed.
    return not _changes_shell_state(first_script.commands) and _is_and_chain(second_script.commands)


def _shell_form_script(instruction: Instruction) -> Script | None:
    """Return the script of a shell-form `RUN`; None if it could not be read whole."""
    script = instruction.script
    return script if script and script.is_complete and not instruction.is_json else None


def _changes_shell_state(commands: Iterable[Command]) -> bool:
    """Return True if the commands change the shell for what follows them."""
    return any(
        command.name in _STATEFUL_COMMANDS or (command.assignments and not command.words)
        for command in commands
        if not any(block.kind in ("subshell", "substitution") for block in command.enclosing)
    )


def _is_and_chain(commands: Iterable[Command]) -> bool:
    """Return True if all commands are skipped once one before them fails."""
    return all(
        command.separator is None or command.separator.operator in ("&&", "|", "|&")
        for command in commands
        if not command.enclosing
    )


def _find_indent(dockerfile: Dockerfile, instruction: Instruction) -> str:
    """Return the indentation of the instruction's own `&&` lines."""
    for number in range(instruction.line_start + 1, instruction.line_end + 1):
        match = _AND_INDENT.match(dockerfile.source.line_text(number).text)
        if match:
            return match[0]
    return "    "
