"""From a file to its instructions and stages.

Two things are handed in, since they take libraries: `split` tells how long an instruction's keyword
is and how long what follows it; `read_script` reads the commands of a shell.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.dockerfile.arguments import (
    JSON_ALLOWED,
    heredoc_markers,
    json_strings,
    split_flags,
    split_kind,
    words_of,
)
from bot.dockerfile.instruction import Comment, Heredoc, Statement
from bot.dockerfile.logical_lines import (
    Joined,
    directives,
    escape_of,
    heredoc_end,
    is_comment,
    join,
)
from bot.dockerfile.shell_forms import ReadScript, with_scripts
from bot.dockerfile.source_text import Passage, Source, Span
from bot.dockerfile.stages import Dockerfile, Stage

_HEREDOCS = ("ADD", "COPY", "RUN")

Split = Callable[[str], tuple[int, int]]


def read_dockerfile(source: Source, split: Split, read_script: ReadScript) -> Dockerfile:
    """The model of a file; ValueError if it has no stages."""
    statements = read_statements(source, split)
    starts = [number for number, x in enumerate(statements) if x.keyword == "FROM"]
    if not starts:
        raise ValueError("the Dockerfile has no FROM instruction")
    ends = [*starts[1:], len(statements)]
    stages = [
        _stage(index, statements[start], statements[start + 1 : end])
        for index, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]
    return Dockerfile(
        stages=tuple(with_scripts(stages, source, read_script)),
        preamble=tuple(statements[: starts[0]]),
        directives=tuple(directives(source)),
        comments=tuple(_comments(source, statements)),
        source=source,
    )


def read_statements(source: Source, split: Split) -> list[Statement]:
    """Every instruction of a file, its shell commands not yet read."""
    escape = escape_of({x.name: x.value for x in directives(source)})
    return list(_Reader(source, escape, split).statements())


@dataclass(frozen=True, slots=True)
class _Reader:
    """Takes the instructions of one file apart."""

    source: Source
    escape: str
    split: Split

    def statements(self) -> Iterator[Statement]:
        """One after the other."""
        line = 1
        while line <= len(self.source.lines):
            joined = join(self.source, line, self.escape)
            if joined:
                statement = self._statement(joined)
                line = statement.line_end
                yield statement
            line += 1

    def _statement(self, joined: Joined) -> Statement:
        """An instruction with its heredocs; behind `ONBUILD` they are the inner one's."""
        bare = self._taken_apart(joined.passage, joined)
        inner = bare.trigger or bare
        if inner.keyword not in _HEREDOCS or inner.is_json:
            return bare
        heredocs = tuple(self._heredocs(joined))
        if not heredocs:
            return bare
        if bare.trigger:
            trigger = self._above(heredocs, replace(bare.trigger, heredocs=heredocs))
            return self._above(heredocs, replace(bare, trigger=trigger))
        return self._above(heredocs, replace(bare, heredocs=heredocs))

    def _above(self, heredocs: Sequence[Heredoc], statement: Statement) -> Statement:
        """The same instruction, reaching down to the end of its heredocs."""
        last = heredocs[-1].line_end
        span = Span(statement.span.start, self.source.content(last).span.end)
        return replace(statement, line_end=last, span=span)

    def _taken_apart(self, passage: Passage, joined: Joined, outer: str = "") -> Statement:
        """What one line says, heredocs aside; `outer` is the keyword that stands before it."""
        name, rest = self._halves(passage)
        keyword = name.upper() if name.isascii() else name
        flags, arguments = split_flags(rest, self.escape)
        kind, command = split_kind(keyword, arguments)
        strings = json_strings(command.text) if keyword in JSON_ALLOWED else None
        words = words_of(keyword, command.text, self.escape) if strings is None else strings
        has_trigger = keyword == "ONBUILD" and arguments.text and not outer
        return Statement(
            keyword=keyword,
            text=f"{keyword} {rest.text}" if rest.text else keyword,
            line_start=joined.first,
            line_end=joined.last,
            span=passage.span,
            arguments=arguments,
            flags=flags,
            words=(*kind, *words),
            is_json=strings is not None,
            trigger=self._taken_apart(arguments, joined, keyword) if has_trigger else None,
        )

    def _halves(self, passage: Passage) -> tuple[str, Passage]:
        keyword, rest = self.split(passage.text)
        return passage.text[:keyword], passage[len(passage) - rest :]

    def _heredocs(self, joined: Joined) -> Iterator[Heredoc]:
        """The heredocs that an instruction announces, one below the other; the file's end ends all."""
        line = joined.last + 1
        for marker in heredoc_markers(joined.passage.text):
            end = heredoc_end(self.source, line, marker.name, strips_tabs=marker.strips_tabs)
            span = Span(self.source.start_of(line), self.source.start_of(end))
            yield Heredoc(
                name=marker.name,
                strips_tabs=marker.strips_tabs,
                expands=marker.expands,
                body=self.source.passage(span),
                line_start=line,
                line_end=min(end, len(self.source.lines)),
            )
            line = end + 1


def _stage(index: int, origin: Statement, instructions: Sequence[Statement]) -> Stage:
    words = origin.words
    if len(words) != 1 and (len(words) != 3 or words[1].lower() != "as"):
        raise ValueError(f"line {origin.line_start}: {origin.text!r} is no FROM instruction")
    name = words[2] if len(words) == 3 else None
    return Stage(index, name, words[0], origin.flag("platform"), origin, tuple(instructions))


def _comments(source: Source, statements: Sequence[Statement]) -> Iterator[Comment]:
    """Every comment, also those inside of instructions; what looks like one in a heredoc is none."""
    heredocs = (x for s in statements for x in (s.trigger or s).heredocs)
    taken = {line for x in heredocs for line in range(x.line_start, x.line_end + 1)}
    taken |= {directive.line for directive in directives(source)}
    for number in range(1, len(source.lines) + 1):
        text = source.content(number).text
        if number not in taken and is_comment(text):
            yield Comment(text.strip().removeprefix("#").strip(), number)
