"""Which text of an instruction a shell is going to read, as BuildKit hands it over."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from bot.dockerfile.arguments import heredoc_marker, split_kind
from bot.dockerfile.instruction import Statement
from bot.dockerfile.shell_script import Command, Script, Word
from bot.dockerfile.source_text import Passage, Source, Span
from bot.dockerfile.stages import Stage

_RUN = ("CMD", "ENTRYPOINT", "HEALTHCHECK", "RUN")
_SHELLS = re.compile(r"(?:\S*/)?(?:env\s+)?(?:ba|da|a|k|z)?sh\b")
_LEADING_TABS = re.compile(r"^\t+", re.MULTILINE)
_CARRIAGE_RETURN = re.compile(r"\r(?=\n)")

ReadScript = Callable[[Passage], Script]


def with_scripts(
    stages: Iterable[Stage], source: Source, read_script: ReadScript
) -> Iterator[Stage]:
    """The stages with their commands read, as far as the shell that is set reads such commands."""
    shells: dict[str, bool] = {}
    for stage in stages:
        readable = shells.get(stage.base.lower(), True)
        instructions = []
        for statement in stage.instructions:
            if statement.keyword == "SHELL":
                readable = bool(_SHELLS.match(" ".join(statement.words)))
            instructions.append(
                _with_script(statement, source, read_script) if readable else statement
            )
        shells[(stage.name or "").lower()] = readable
        yield replace(stage, instructions=tuple(instructions))


def _with_script(statement: Statement, source: Source, read_script: ReadScript) -> Statement:
    if statement.trigger:
        trigger = _with_script(statement.trigger, source, read_script)
        return replace(statement, trigger=trigger)
    kind, command = split_kind(statement.keyword, statement.arguments)
    if statement.keyword not in _RUN or not command.text:
        return statement
    if statement.is_json:
        words = statement.words[len(kind) :]
        return replace(statement, script=_one_command(words, command.span))
    script = _text(statement, command, source)
    return replace(statement, script=read_script(script) if script else None)


def _one_command(words: Iterable[str], span: Span) -> Script:
    """A list runs without a shell; its words are not told apart in the file."""
    return Script((Command(tuple(Word(word, word, span) for word in words), span),), complete=True)


def _text(statement: Statement, command: Passage, source: Source) -> Passage | None:
    """What the shell gets to read; None if a heredoc's `#!` calls for something else."""
    if not statement.heredocs:
        return command
    first, last = statement.heredocs[0], statement.heredocs[-1]
    if len(statement.heredocs) == 1 and heredoc_marker(command.text):
        body = first.body.without(_LEADING_TABS) if first.strips_tabs else first.body
        if body.text.startswith("#!") and not _SHELLS.match(body.text[2:].lstrip()):
            return None
        return body.without(_CARRIAGE_RETURN)
    start = source.content(first.line_start - 1).span.end
    below = source.passage(Span(start, source.content(last.line_end).span.end))
    return (command + below).without(_CARRIAGE_RETURN)
