"""The text of an instruction that a shell reads, as BuildKit passes it on.

Shell form, exec form, heredocs and `SHELL` decide together which text is a script.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from bot.dockerfile.arguments import parse_heredoc_marker, split_healthcheck_kind
from bot.dockerfile.inner_scripts import read_exec_form_script, read_inner_scripts
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.shell_programs import POSIX_SHELLS
from bot.dockerfile.shell_script import Command, Script, Word
from bot.dockerfile.source_text import MappedText, SourceText, Span
from bot.dockerfile.stages import Stage

_COMMAND_KEYWORDS = ("CMD", "ENTRYPOINT", "HEALTHCHECK", "RUN")
# `SHELL ["powershell", …]` and heredocs with `#!/usr/bin/env python3` are not shell scripts.
_SHELL_COMMAND = re.compile(rf"(?:\S*/)?(?:env\s+)?(?:{'|'.join(sorted(POSIX_SHELLS))})\b")
# A shell that gets its script as input, with options and no script of its own.
_SHELL_ALONE = re.compile(
    rf"(?:\S*/)?(?:env\s+)?(?:{'|'.join(sorted(POSIX_SHELLS))})"
    r"(?:\s+(?:-[a-bd-z]*o\s+pipefail|--?[a-bd-z][a-bd-z-]*))*"
)
# The marker of a heredoc before a command (`<<EOF python3`) and behind it (`python3 <<EOF`).
_FIRST_MARKER = re.compile(r"<<-?[ \t]*(?:\"\w+\"|'\w+'|\w+)(?=[ \t])")
_LAST_MARKER = re.compile(r"[ \t]<<-?[ \t]*(?:\"\w+\"|'\w+'|\w+)[ \t]*\Z")
_LEADING_TABS = re.compile(r"^\t+", re.MULTILINE)
# A shell would take the carriage return of a CRLF file for a part of the last word.
_CARRIAGE_RETURN = re.compile(r"\r(?=\n)")

ScriptParser = Callable[[MappedText], Script]


def parse_stage_scripts(
    stages: Iterable[Stage], source: SourceText, parse_script: ScriptParser
) -> Iterator[Stage]:
    """Yield the stages with their commands parsed, where a POSIX-like shell runs them."""
    posix_shells: dict[str, bool] = {}
    for stage in stages:
        # A stage that starts from another inherits its SHELL; an image is taken to have a POSIX
        # shell.
        has_posix_shell = posix_shells.get(stage.base_name.lower(), True)
        instructions = []
        for instruction in stage.instructions:
            if instruction.keyword == "SHELL":
                has_posix_shell = bool(_SHELL_COMMAND.match(" ".join(instruction.words)))
            instructions.append(
                _parse_instruction_script(instruction, source, parse_script)
                if has_posix_shell
                else instruction
            )
        posix_shells[(stage.name or "").lower()] = has_posix_shell
        yield replace(stage, instructions=tuple(instructions))


def _parse_instruction_script(
    instruction: Instruction, source: SourceText, parse_script: ScriptParser
) -> Instruction:
    if instruction.onbuild:
        onbuild = _parse_instruction_script(instruction.onbuild, source, parse_script)
        return replace(instruction, onbuild=onbuild)
    kind, command = split_healthcheck_kind(instruction.keyword, instruction.argument_text)
    if instruction.keyword not in _COMMAND_KEYWORDS or not command.text:
        return instruction
    if instruction.is_json:
        words = instruction.words[len(kind) :]
        exec_form = _build_exec_form_script(words, command.span)
        return replace(instruction, script=read_exec_form_script(exec_form, parse_script))
    text = _select_shell_text(instruction, command, source)
    script = read_inner_scripts(parse_script(text), text, parse_script) if text else None
    return replace(instruction, script=script)


def _build_exec_form_script(words: Iterable[str], span: Span) -> Script:
    """Return a script of one command; its words share one span of the file."""
    return Script(
        (Command(tuple(Word(word, word, span) for word in words), span),), is_complete=True
    )


def _select_shell_text(
    instruction: Instruction, command: MappedText, source: SourceText
) -> MappedText | None:
    """Return the text that the shell reads; None if a heredoc's `#!` names another program."""
    if not instruction.heredocs:
        return command
    first, last = instruction.heredocs[0], instruction.heredocs[-1]
    if len(instruction.heredocs) == 1 and is_heredoc_of_shell(instruction):
        body = first.body.remove_matches(_LEADING_TABS) if first.strips_tabs else first.body
        if body.text.startswith("#!") and not _SHELL_COMMAND.match(body.text[2:].lstrip()):
            return None
        return body.remove_matches(_CARRIAGE_RETURN)
    marker = _FIRST_MARKER.match(command.text)
    if marker and len(instruction.heredocs) == 1:
        # `<<EOF python3`: the grammar knows no heredoc in front of its command.
        return command[marker.end() :].lstrip()
    start = source.line_text(first.line_start - 1).span.end
    heredoc_lines = source.text_at(Span(start, source.line_text(last.line_end).span.end))
    return (command + heredoc_lines).remove_matches(_CARRIAGE_RETURN)


def is_heredoc_of_shell(instruction: Instruction) -> bool:
    """Return True if a shell reads the only heredoc: `<<EOF`, `<<EOF bash -e`, `sh <<EOF`."""
    text = instruction.argument_text.text
    marker, behind = _FIRST_MARKER.match(text), _LAST_MARKER.search(text)
    if parse_heredoc_marker(text):
        return True
    shell = text[marker.end() :] if marker else text[: behind.start()] if behind else ""
    return bool(_SHELL_ALONE.fullmatch(shell.strip()))
