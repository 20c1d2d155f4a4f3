"""From physical lines to whole instructions, as BuildKit joins them.

Comments and empty lines inside of an instruction are left out; an escape at the end of a line joins
it with the next, unless another escape stands before it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.dockerfile.source_text import BLANK, MappedText, SourceText

DIRECTIVE_NAMES = ("syntax", "escape", "check")
_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*(.+)")
_CONTINUATIONS = {
    escape: re.compile(rf"(?:(?<=[^{re.escape(escape)}])|^){re.escape(escape)}[ \t]*\Z")
    for escape in ("\\", "`")
}


@dataclass(frozen=True, slots=True)
class Directive:
    """`# name=value` at the top of the file."""

    name: str
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class LogicalLine:
    """An instruction on one line, and the lines that it was on; heredocs are not in it."""

    content: MappedText
    first_line: int
    last_line: int


def read_directives(source: SourceText) -> Iterator[Directive]:
    """The directives; the first line that is none of those known, or repeats one, ends them."""
    seen: set[str] = set()
    for number in range(1, len(source.lines) + 1):
        match = _DIRECTIVE.fullmatch(source.line_text(number).lstrip().text)
        name = match[1].lower() if match else ""
        if match is None or name not in DIRECTIVE_NAMES or name in seen:
            return
        seen.add(name)
        yield Directive(name, match[2].rstrip("\t\n\f\r "), number)


def choose_escape(directives: Mapping[str, str]) -> str:
    """The escape that the directives choose."""
    return directives["escape"] if directives.get("escape") in _CONTINUATIONS else "\\"


def read_logical_line(source: SourceText, first_line: int, escape: str) -> LogicalLine | None:
    """The instruction that starts on a line; None if that is a comment or blank."""
    passage = source.line_text(first_line).lstrip()
    if is_comment(passage.text):
        return None
    passage, goes_on = _strip_continuation(passage, escape)
    if not passage.text and not goes_on:
        return None
    last = first_line
    while goes_on and last < len(source.lines):
        last += 1
        line = source.line_text(last)
        if line.text.strip(BLANK) and not is_comment(line.text):
            line, goes_on = _strip_continuation(line, escape)
            passage += line
    return LogicalLine(passage.strip(), first_line, last)


def find_heredoc_end(
    source: SourceText, first_line: int, terminator: str, *, strips_tabs: bool
) -> int:
    """The line of a heredoc's terminator, `first` being the first of its body; one more than the
    file has if it is not terminated."""
    for number in range(first_line, len(source.lines) + 1):
        line = source.line_text(number).text
        if (line.lstrip("\t") if strips_tabs else line) == terminator:
            return number
    return len(source.lines) + 1


def is_comment(line: str) -> bool:
    """Whether a line is one, blanks before it or not."""
    return line.lstrip(BLANK).startswith("#")


def _strip_continuation(line: MappedText, escape: str) -> tuple[MappedText, bool]:
    """A line without the escape at its end, and whether it had one."""
    found = _CONTINUATIONS[escape].search(line.text)
    return (line[: found.start()], True) if found else (line, False)
