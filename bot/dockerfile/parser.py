"""From a file to its instructions and stages.

Two things are handed in, since they take libraries: `split` tells how long an instruction's keyword
is and how long what follows it; `read_script` reads the commands of a shell.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.dockerfile.arguments import (
    JSON_KEYWORDS,
    find_heredoc_markers,
    parse_json_strings,
    split_arguments,
    split_flags,
    split_healthcheck_kind,
)
from bot.dockerfile.instruction import Comment, Heredoc, Instruction
from bot.dockerfile.logical_lines import (
    LogicalLine,
    choose_escape,
    find_heredoc_end,
    is_comment,
    read_directives,
    read_logical_line,
)
from bot.dockerfile.shell_forms import ScriptParser, parse_stage_scripts
from bot.dockerfile.source_text import MappedText, SourceText, Span
from bot.dockerfile.stages import Dockerfile, Stage

_HEREDOC_KEYWORDS = ("ADD", "COPY", "RUN")

KeywordSplitter = Callable[[str], tuple[int, int]]


def parse_dockerfile(
    source: SourceText, split_keyword: KeywordSplitter, parse_script: ScriptParser
) -> Dockerfile:
    """The model of a file; ValueError if it has no stages."""
    statements = parse_instructions(source, split_keyword)
    starts = [number for number, x in enumerate(statements) if x.keyword == "FROM"]
    if not starts:
        raise ValueError("the Dockerfile has no FROM instruction")
    ends = [*starts[1:], len(statements)]
    stages = [
        _build_stage(index, statements[start], statements[start + 1 : end])
        for index, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]
    return Dockerfile(
        stages=tuple(parse_stage_scripts(stages, source, parse_script)),
        global_args=tuple(statements[: starts[0]]),
        directives=tuple(read_directives(source)),
        comments=tuple(_find_comments(source, statements)),
        source=source,
    )


def parse_instructions(source: SourceText, split_keyword: KeywordSplitter) -> list[Instruction]:
    """Every instruction of a file, its shell commands not yet read."""
    escape = choose_escape({x.name: x.value for x in read_directives(source)})
    return list(_InstructionParser(source, escape, split_keyword).parse_all())


@dataclass(frozen=True, slots=True)
class _InstructionParser:
    """Takes the instructions of one file apart."""

    source: SourceText
    escape: str
    split_keyword: KeywordSplitter

    def parse_all(self) -> Iterator[Instruction]:
        """One after the other."""
        line = 1
        while line <= len(self.source.lines):
            joined = read_logical_line(self.source, line, self.escape)
            if joined:
                statement = self._parse_instruction(joined)
                line = statement.line_end
                yield statement
            line += 1

    def _parse_instruction(self, logical_line: LogicalLine) -> Instruction:
        """An instruction with its heredocs; behind `ONBUILD` they are the inner one's."""
        bare = self._split_instruction(logical_line.content, logical_line)
        inner = bare.onbuild or bare
        if inner.keyword not in _HEREDOC_KEYWORDS or inner.is_json:
            return bare
        heredocs = tuple(self._read_heredocs(logical_line))
        if not heredocs:
            return bare
        if bare.onbuild:
            trigger = self._extend_over_heredocs(heredocs, replace(bare.onbuild, heredocs=heredocs))
            return self._extend_over_heredocs(heredocs, replace(bare, onbuild=trigger))
        return self._extend_over_heredocs(heredocs, replace(bare, heredocs=heredocs))

    def _extend_over_heredocs(
        self, heredocs: Sequence[Heredoc], instruction: Instruction
    ) -> Instruction:
        """The same instruction, reaching down to the end of its heredocs."""
        last = heredocs[-1].line_end
        span = Span(instruction.span.start, self.source.line_text(last).span.end)
        return replace(instruction, line_end=last, span=span)

    def _split_instruction(
        self, content: MappedText, logical_line: LogicalLine, outer_keyword: str = ""
    ) -> Instruction:
        """What one line says, heredocs aside; `outer` is the keyword that stands before it."""
        name, rest = self._split_keyword_and_rest(content)
        keyword = name.upper() if name.isascii() else name
        flags, arguments = split_flags(rest, self.escape)
        kind, command = split_healthcheck_kind(keyword, arguments)
        strings = parse_json_strings(command.text) if keyword in JSON_KEYWORDS else None
        words = split_arguments(keyword, command.text, self.escape) if strings is None else strings
        has_trigger = keyword == "ONBUILD" and arguments.text and not outer_keyword
        return Instruction(
            keyword=keyword,
            text=f"{keyword} {rest.text}" if rest.text else keyword,
            line_start=logical_line.first_line,
            line_end=logical_line.last_line,
            span=content.span,
            argument_text=arguments,
            flags=flags,
            arguments=(*kind, *words),
            is_json=strings is not None,
            onbuild=self._split_instruction(arguments, logical_line, keyword)
            if has_trigger
            else None,
        )

    def _split_keyword_and_rest(self, content: MappedText) -> tuple[str, MappedText]:
        keyword, rest = self.split_keyword(content.text)
        return content.text[:keyword], content[len(content) - rest :]

    def _read_heredocs(self, logical_line: LogicalLine) -> Iterator[Heredoc]:
        """The heredocs that an instruction announces, one below the other; the file's end ends all."""
        line = logical_line.last_line + 1
        for marker in find_heredoc_markers(logical_line.content.text):
            end = find_heredoc_end(self.source, line, marker.name, strips_tabs=marker.strips_tabs)
            span = Span(self.source.line_start(line), self.source.line_start(end))
            yield Heredoc(
                name=marker.name,
                strips_tabs=marker.strips_tabs,
                expands=marker.expands,
                body=self.source.text_at(span),
                line_start=line,
                line_end=min(end, len(self.source.lines)),
            )
            line = end + 1


def _build_stage(
    index: int, from_instruction: Instruction, instructions: Sequence[Instruction]
) -> Stage:
    words = from_instruction.arguments
    if len(words) != 1 and (len(words) != 3 or words[1].lower() != "as"):
        raise ValueError(
            f"line {from_instruction.line_start}: {from_instruction.text!r} is no FROM instruction"
        )
    name = words[2] if len(words) == 3 else None
    return Stage(
        index,
        name,
        words[0],
        from_instruction.flag_value("platform"),
        from_instruction,
        tuple(instructions),
    )


def _find_comments(source: SourceText, instructions: Sequence[Instruction]) -> Iterator[Comment]:
    """Every comment, also those inside of instructions; what looks like one in a heredoc is none."""
    heredocs = (x for s in instructions for x in (s.onbuild or s).heredocs)
    taken = {line for x in heredocs for line in range(x.line_start, x.line_end + 1)}
    taken |= {directive.line for directive in read_directives(source)}
    for number in range(1, len(source.lines) + 1):
        text = source.line_text(number).text
        if number not in taken and is_comment(text):
            yield Comment(text.strip().removeprefix("#").strip(), number)
