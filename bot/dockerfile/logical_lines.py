"""Physical lines joined to whole instructions, as BuildKit joins them.

Comments and empty lines inside of an instruction are left out; an escape at the end of a line joins
it with the next, unless another escape precedes it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.dockerfile.source_text import BLANK, MappedText, SourceText, join

ESCAPE_CHARACTERS = ("\\", "`")
DIRECTIVE_NAMES = ("syntax", "escape", "check")
# BuildKit trims Unicode's blanks behind the `#`; around the `=` it has `\s` of RE2, which is ASCII
# alone (directives.go).
_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*(.+)")
# BuildKit's `([^\\])\\[ \t]*$|^\\[ \t]*$`, for either escape character.
_CONTINUATIONS = {
    escape: re.compile(rf"(?:(?<=[^{re.escape(escape)}])|^){re.escape(escape)}[ \t]*\Z")
    for escape in ESCAPE_CHARACTERS
}


@dataclass(frozen=True, slots=True)
class Directive:
    """`# name=value` at the top of the file."""

    name: str
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class LogicalLine:
    """An instruction joined to one line, and its line numbers; heredocs are not in it."""

    content: MappedText
    first_line: int
    last_line: int


def read_directives(source: SourceText) -> Iterator[Directive]:
    """Yield the directives; the first line that is none, or repeats one, ends them."""
    names: set[str] = set()
    for directive in _read_directive_lines(source):
        if directive.name in names:
            return
        names.add(directive.name)
        yield directive


def read_repeated_directive(source: SourceText) -> Directive | None:
    """Return the directive that repeats an earlier one, which BuildKit refuses."""
    names: set[str] = set()
    for directive in _read_directive_lines(source):
        if directive.name in names:
            return directive
        names.add(directive.name)
    return None


def _read_directive_lines(source: SourceText) -> Iterator[Directive]:
    for number in range(1, len(source.lines) + 1):
        match = _DIRECTIVE.fullmatch(source.line_text(number).lstrip().text)
        name = match[1].lower() if match else ""
        if match is None or name not in DIRECTIVE_NAMES:
            return
        yield Directive(name, match[2].rstrip("\t\n\f\r "), number)


def choose_escape(directives: Mapping[str, str]) -> str:
    """Return the escape character that the directives choose."""
    return directives["escape"] if directives.get("escape") in _CONTINUATIONS else "\\"


def read_logical_line(source: SourceText, first_line: int, escape: str) -> LogicalLine | None:
    """Read the instruction that starts on a line; return None for a comment or a blank line."""
    content = source.line_text(first_line).lstrip()
    if is_comment(content.text):
        return None
    content, continues = _strip_continuation(content, escape)
    if not content.text and not continues:
        return None
    parts, last_line = [content], first_line
    while continues and last_line < len(source.lines):
        last_line += 1
        line = source.line_text(last_line)
        if line.text.strip(BLANK) and not is_comment(line.text):
            line, continues = _strip_continuation(line, escape)
            parts.append(line)
    return LogicalLine(join(parts).strip(), first_line, last_line)


def find_heredoc_end(
    source: SourceText, first_line: int, terminator: str, *, strips_tabs: bool
) -> int:
    """Return the line of a heredoc's terminator; `first_line` is the first of its body.

    One past the last line of the file if it is not terminated.
    """
    for number in range(first_line, len(source.lines) + 1):
        line = source.line_text(number).text
        if (line.lstrip("\t") if strips_tabs else line) == terminator:
            return number
    return len(source.lines) + 1


def is_comment(line: str) -> bool:
    """Return True for a comment; blanks may precede the `#`."""
    return line.lstrip(BLANK).startswith("#")


def _strip_continuation(line: MappedText, escape: str) -> tuple[MappedText, bool]:
    """Remove the escape at the end of a line; the flag is True if there was one."""
    match = _CONTINUATIONS[escape].search(line.text)
    return (line[: match.start()], True) if match else (line, False)
