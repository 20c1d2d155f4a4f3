"""Dockerfile text to instructions and stages.

Kept free of libraries: `split_keyword` returns the lengths of an instruction's keyword and of what
follows it, and `parse_script` reads the commands of a shell. adapters/parsing provides both.
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
    """Parse a file.

    Raises ValueError if it has no stage, or a `FROM` that BuildKit would refuse.
    """
    instructions = parse_instructions(source, split_keyword)
    starts = [
        index for index, instruction in enumerate(instructions) if instruction.keyword == "FROM"
    ]
    if not starts:
        raise ValueError("the Dockerfile has no FROM instruction")
    ends = [*starts[1:], len(instructions)]
    stages = [
        _build_stage(index, instructions[start], instructions[start + 1 : end])
        for index, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]
    return Dockerfile(
        stages=tuple(parse_stage_scripts(stages, source, parse_script)),
        global_args=tuple(instructions[: starts[0]]),
        directives=tuple(read_directives(source)),
        comments=tuple(_find_comments(source, instructions)),
        source=source,
    )


def parse_instructions(source: SourceText, split_keyword: KeywordSplitter) -> list[Instruction]:
    """Return every instruction of a file, without parsing shell commands."""
    escape = choose_escape({x.name: x.value for x in read_directives(source)})
    return list(_InstructionParser(source, escape, split_keyword).parse_all())


@dataclass(frozen=True, slots=True)
class _InstructionParser:
    """Splits one file into instructions."""

    source: SourceText
    escape: str
    split_keyword: KeywordSplitter

    def parse_all(self) -> Iterator[Instruction]:
        """Yield the instructions in order."""
        line = 1
        while line <= len(self.source.lines):
            logical_line = read_logical_line(self.source, line, self.escape)
            if logical_line:
                instruction = self._parse_instruction(logical_line)
                line = instruction.line_end
                yield instruction
            line += 1

    def _parse_instruction(self, logical_line: LogicalLine) -> Instruction:
        """Parse an instruction and its heredocs; behind `ONBUILD` they belong to the inner one."""
        instruction = self._split_instruction(logical_line.content, logical_line)
        inner = instruction.onbuild or instruction
        if inner.keyword not in _HEREDOC_KEYWORDS or inner.is_json:
            return instruction
        heredocs = tuple(self._read_heredocs(logical_line))
        if not heredocs:
            return instruction
        if instruction.onbuild:
            onbuild = self._extend_over_heredocs(
                heredocs, replace(instruction.onbuild, heredocs=heredocs)
            )
            return self._extend_over_heredocs(heredocs, replace(instruction, onbuild=onbuild))
        return self._extend_over_heredocs(heredocs, replace(instruction, heredocs=heredocs))

    def _extend_over_heredocs(
        self, heredocs: Sequence[Heredoc], instruction: Instruction
    ) -> Instruction:
        """Return the instruction, extended to the end of its heredocs."""
        last = heredocs[-1].line_end
        span = Span(instruction.span.start, self.source.line_text(last).span.end)
        return replace(instruction, line_end=last, span=span)

    def _split_instruction(
        self, content: MappedText, logical_line: LogicalLine, outer_keyword: str = ""
    ) -> Instruction:
        """Split one line, heredocs aside; `outer_keyword` is `ONBUILD` for its inner one."""
        name, rest = self._split_keyword_and_rest(content)
        # As strings.ToLower of Go, which makes a k of the Kelvin sign and no other letter ASCII.
        lowered = name.lower()
        keyword = lowered.upper() if lowered.isascii() else name
        flags, arguments = split_flags(rest, self.escape)
        kind, command = split_healthcheck_kind(keyword, arguments)
        strings = parse_json_strings(command.text) if keyword in JSON_KEYWORDS else None
        words = split_arguments(keyword, command.text, self.escape) if strings is None else strings
        onbuild = None
        if keyword == "ONBUILD" and arguments.text and not outer_keyword:
            onbuild = self._split_instruction(arguments, logical_line, keyword)
        return Instruction(
            keyword=keyword,
            text=f"{keyword} {rest.text}" if rest.text else keyword,
            line_start=logical_line.first_line,
            line_end=logical_line.last_line,
            span=content.span,
            argument_text=arguments,
            flags=flags,
            words=(*kind, *words),
            is_json=strings is not None,
            onbuild=onbuild,
        )

    def _split_keyword_and_rest(self, content: MappedText) -> tuple[str, MappedText]:
        keyword, rest = self.split_keyword(content.text)
        return content.text[:keyword], content[len(content) - rest :]

    def _read_heredocs(self, logical_line: LogicalLine) -> Iterator[Heredoc]:
        """Yield the announced heredocs, one below the other; the end of the file ends them."""
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
                is_terminated=end <= len(self.source.lines),
            )
            line = end + 1


def _build_stage(
    index: int, from_instruction: Instruction, instructions: Sequence[Instruction]
) -> Stage:
    words = from_instruction.words
    if len(words) != 1 and (len(words) != 3 or words[1].lower() != "as"):
        line, text = from_instruction.line_start, from_instruction.text
        raise ValueError(f"line {line}: {text!r} is not a FROM instruction")
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
    """Yield every comment, also inside of instructions, but not inside of heredocs."""
    heredocs = (
        heredoc
        for instruction in instructions
        for heredoc in (instruction.onbuild or instruction).heredocs
    )
    # A line of a heredoc that begins with `#` is content, and a directive a comment by its form
    # alone.
    skipped_lines = {line for x in heredocs for line in range(x.line_start, x.line_end + 1)}
    skipped_lines |= {directive.line for directive in read_directives(source)}
    for number in range(1, len(source.lines) + 1):
        text = source.line_text(number).text
        if number not in skipped_lines and is_comment(text):
            yield Comment(text.strip().removeprefix("#").strip(), number)
