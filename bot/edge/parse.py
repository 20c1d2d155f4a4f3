"""Reads Dockerfiles with dockerfile-parse and the shell's grammar.

dockerfile-parse 2.0.1 tells keywords from values. But it knows no heredocs, ends an instruction at an
empty line inside a continuation, and stumbles over a byte order mark, bytes that are no UTF-8, some
escapes and comments. So it is given one instruction at a time, joined to one line, in which whatever
it would take for something else stands as an `x`; and what it returns is measured, not copied.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import replace

from dockerfile_parse import DockerfileParser

from bot.core.dockerfile import Dockerfile, Stage
from bot.core.lines import Directive, Joined, directives, escape_of, heredoc_end, is_comment, join
from bot.core.shell import Command, Script, Word
from bot.core.source import Passage, Source, Span
from bot.core.statement import Comment, Heredoc, Statement
from bot.core.words import (
    JSON_ALLOWED,
    heredoc_marker,
    heredoc_markers,
    json_strings,
    split_first,
    split_flags,
    words_of,
)
from bot.edge.shell import read_script

_CONFUSING = re.compile(r"[^\t\v\f\r -~]|[\\`#]")
_HEREDOCS = ("ADD", "COPY", "RUN")
_RUN_BY_A_SHELL = ("CMD", "ENTRYPOINT", "HEALTHCHECK", "RUN")
_SHELLS = re.compile(r"(?:\S*/)?(?:env\s+)?(?:ba|da|a|k|z)?sh\b")
_LEADING_TABS = re.compile(r"^\t+", re.MULTILINE)
_CARRIAGE_RETURN = re.compile(r"\r(?=\n)")


class DockerfileReader:
    """The port `Parser`."""

    def parse(self, text: bytes) -> Dockerfile:
        """The stages of a Dockerfile; ValueError if it has none."""
        source = Source(text)
        found = tuple(directives(source))
        statements = read_statements(source)
        comments = tuple(_comments(source, found, statements))
        starts = [number for number, x in enumerate(statements) if x.keyword == "FROM"]
        if not starts:
            raise ValueError("the Dockerfile has no FROM instruction")
        spans = zip(starts, [*starts[1:], len(statements)], strict=True)
        stages = [
            _stage(index, statements[start], statements[start + 1 : end])
            for index, (start, end) in enumerate(spans)
        ]
        preamble = tuple(statements[: starts[0]])
        return Dockerfile(tuple(_with_scripts(stages, source)), preamble, found, comments, source)


def read_statements(source: Source) -> list[Statement]:
    """Every instruction of a file, without what only its stage can tell."""
    escape = escape_of({x.name: x.value for x in directives(source)})
    statements: list[Statement] = []
    line = 1
    while line <= len(source.lines):
        joined = join(source, line, escape)
        if joined:
            statements.append(_statement(source, joined, escape))
        line = statements[-1].line_end + 1 if joined else line + 1
    return statements


def _statement(source: Source, joined: Joined, escape: str) -> Statement:
    """An instruction, its heredocs, and the one behind `ONBUILD` with the same heredocs."""
    bare = _taken_apart(joined.passage, joined, escape)
    runs = bare.trigger or bare
    if runs.keyword not in _HEREDOCS or runs.is_json:
        return bare
    heredocs = tuple(_heredocs(source, joined))
    if not heredocs:
        return bare
    last, end = heredocs[-1].line_end, source.content(heredocs[-1].line_end).span.end
    trigger = bare.trigger and _extended(bare.trigger, heredocs, last, end)
    return replace(_extended(bare, () if trigger else heredocs, last, end), trigger=trigger)


def _extended(
    statement: Statement, heredocs: tuple[Heredoc, ...], last: int, end: int
) -> Statement:
    span = Span(statement.span.start, end)
    return replace(statement, heredocs=heredocs, line_end=last, span=span)


def _taken_apart(passage: Passage, joined: Joined, escape: str, *, within: str = "") -> Statement:
    """What one line says, heredocs aside; `within` is the keyword that stands before it."""
    name, rest = _split(passage)
    keyword = name.upper() if name.isascii() else name
    flags, arguments = split_flags(rest, escape)
    command, prefix = _command(keyword, arguments)
    strings = json_strings(command.text) if keyword in JSON_ALLOWED else None
    trigger = None
    if keyword == "ONBUILD" and arguments.text and not within:
        trigger = _taken_apart(arguments, joined, escape, within=keyword)
    return Statement(
        keyword=keyword,
        text=f"{keyword} {rest.text}" if rest.text else keyword,
        line_start=joined.first,
        line_end=joined.last,
        span=passage.span,
        arguments=arguments,
        flags=flags,
        words=(*prefix, *(words_of(keyword, command.text, escape) if strings is None else strings)),
        is_json=strings is not None,
        trigger=trigger,
    )


def _split(passage: Passage) -> tuple[str, Passage]:
    """The keyword, and what follows, by dockerfile-parse."""
    harmless = _CONFUSING.sub("x", passage.text)
    parser = DockerfileParser(fileobj=io.BytesIO(harmless.encode()))
    if not parser.structure:
        return passage.text, passage[len(passage) :]
    keyword, value = (len(parser.structure[0][part]) for part in ("instruction", "value"))
    return passage.text[:keyword], passage[len(passage) - value :]


def _command(keyword: str, arguments: Passage) -> tuple[Passage, tuple[str, ...]]:
    """What is run or listed, and the words before it: `HEALTHCHECK` says first which kind it is."""
    if keyword != "HEALTHCHECK" or not arguments.text:
        return arguments, ()
    kind, command = split_first(arguments)
    return command, (kind,)


def _heredocs(source: Source, joined: Joined) -> Iterator[Heredoc]:
    """The heredocs that an instruction announces, one below the other; the file's end ends all."""
    line = joined.last + 1
    for marker in heredoc_markers(joined.passage.text):
        end = heredoc_end(source, line, marker.name, strips_tabs=marker.strips_tabs)
        body = source.passage(Span(source.start_of(line), source.start_of(end)))
        last = min(end, len(source.lines))
        yield Heredoc(marker.name, marker.strips_tabs, marker.expands, body, line, last)
        line = end + 1


def _comments(
    source: Source, found: tuple[Directive, ...], statements: list[Statement]
) -> Iterator[Comment]:
    """Every comment, also those inside of instructions; what looks like one in a heredoc is none."""
    heredocs = (x for s in statements for x in (*s.heredocs, *(s.trigger or s).heredocs))
    taken = {line for x in heredocs for line in range(x.line_start, x.line_end + 1)}
    taken |= {directive.line for directive in found}
    for number in range(1, len(source.lines) + 1):
        text = source.content(number).text
        if number not in taken and is_comment(text):
            yield Comment(text.strip().removeprefix("#").strip(), number)


def _stage(index: int, origin: Statement, instructions: list[Statement]) -> Stage:
    words = origin.words
    if len(words) != 1 and (len(words) != 3 or words[1].lower() != "as"):
        raise ValueError(f"line {origin.line_start}: {origin.text!r} is no FROM instruction")
    name = words[2] if len(words) == 3 else None
    return Stage(index, name, words[0], origin.flag("platform"), origin, tuple(instructions))


def _with_scripts(stages: list[Stage], source: Source) -> Iterator[Stage]:
    """The stages with their commands read, as far as the shell that is set reads such commands."""
    shells: dict[str, bool] = {}
    for stage in stages:
        readable = shells.get(stage.base.lower(), True)
        instructions = []
        for statement in stage.instructions:
            if statement.keyword == "SHELL":
                readable = bool(_SHELLS.match(" ".join(statement.words)))
            instructions.append(_with_script(statement, source) if readable else statement)
        shells[(stage.name or "").lower()] = readable
        yield replace(stage, instructions=tuple(instructions))


def _with_script(statement: Statement, source: Source) -> Statement:
    if statement.trigger:
        return replace(statement, trigger=_with_script(statement.trigger, source))
    command, _ = _command(statement.keyword, statement.arguments)
    if statement.keyword not in _RUN_BY_A_SHELL or not command.text:
        return statement
    if statement.is_json:
        words = tuple(Word(word, word, command.span) for word in statement.words)
        return replace(statement, script=Script((Command(words, command.span),), complete=True))
    script = _script(statement, command, source)
    return replace(statement, script=read_script(script) if script else None)


def _script(statement: Statement, command: Passage, source: Source) -> Passage | None:
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
