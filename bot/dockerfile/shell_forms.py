"""Which text of an instruction a shell is going to read, as BuildKit hands it over."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from bot.dockerfile.arguments import parse_heredoc_marker, split_healthcheck_kind
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.shell_script import Command, Script, Word
from bot.dockerfile.source_text import MappedText, SourceText, Span
from bot.dockerfile.stages import Stage

_COMMAND_KEYWORDS = ("CMD", "ENTRYPOINT", "HEALTHCHECK", "RUN")
_SHELL_COMMAND = re.compile(r"(?:\S*/)?(?:env\s+)?(?:ba|da|a|k|z)?sh\b")
_LEADING_TABS = re.compile(r"^\t+", re.MULTILINE)
_CARRIAGE_RETURN = re.compile(r"\r(?=\n)")

ScriptParser = Callable[[MappedText], Script]


def parse_stage_scripts(
    stages: Iterable[Stage], source: SourceText, parse_script: ScriptParser
) -> Iterator[Stage]:
    """The stages with their commands read, as far as the shell that is set reads such commands."""
    shells: dict[str, bool] = {}
    for stage in stages:
        readable = shells.get(stage.base_name.lower(), True)
        instructions = []
        for statement in stage.instructions:
            if statement.keyword == "SHELL":
                readable = bool(_SHELL_COMMAND.match(" ".join(statement.arguments)))
            instructions.append(
                _parse_instruction_script(statement, source, parse_script)
                if readable
                else statement
            )
        shells[(stage.name or "").lower()] = readable
        yield replace(stage, instructions=tuple(instructions))


def _parse_instruction_script(
    instruction: Instruction, source: SourceText, parse_script: ScriptParser
) -> Instruction:
    if instruction.onbuild:
        trigger = _parse_instruction_script(instruction.onbuild, source, parse_script)
        return replace(instruction, onbuild=trigger)
    kind, command = split_healthcheck_kind(instruction.keyword, instruction.argument_text)
    if instruction.keyword not in _COMMAND_KEYWORDS or not command.text:
        return instruction
    if instruction.is_json:
        words = instruction.arguments[len(kind) :]
        return replace(instruction, script=_build_exec_form_script(words, command.span))
    script = _select_shell_text(instruction, command, source)
    return replace(instruction, script=parse_script(script) if script else None)


def _build_exec_form_script(words: Iterable[str], span: Span) -> Script:
    """A list runs without a shell; its words are not told apart in the file."""
    return Script(
        (Command(tuple(Word(word, word, span) for word in words), span),), is_complete=True
    )


def _select_shell_text(
    instruction: Instruction, command: MappedText, source: SourceText
) -> MappedText | None:
    """What the shell gets to read; None if a heredoc's `#!` calls for something else."""
    if not instruction.heredocs:
        return command
    first, last = instruction.heredocs[0], instruction.heredocs[-1]
    if len(instruction.heredocs) == 1 and parse_heredoc_marker(command.text):
        body = first.body.remove_matches(_LEADING_TABS) if first.strips_tabs else first.body
        if body.text.startswith("#!") and not _SHELL_COMMAND.match(body.text[2:].lstrip()):
            return None
        return body.remove_matches(_CARRIAGE_RETURN)
    start = source.line_text(first.line_start - 1).span.end
    below = source.text_at(Span(start, source.line_text(last.line_end).span.end))
    return (command + below).remove_matches(_CARRIAGE_RETURN)
