"""From physical lines to whole instructions, as BuildKit joins them.

Comments and empty lines inside of an instruction are left out; an escape at the end of a line joins
it with the next, unless another escape stands before it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.dockerfile.source_text import BLANK, Passage, Source

DIRECTIVES = ("syntax", "escape", "check")
_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*(.+)")
_CONTINUED = {
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
class Joined:
    """An instruction on one line, and the lines that it was on; heredocs are not in it."""

    passage: Passage
    first: int
    last: int


def directives(source: Source) -> Iterator[Directive]:
    """The directives; the first line that is none of those known, or repeats one, ends them."""
    seen: set[str] = set()
    for number in range(1, len(source.lines) + 1):
        match = _DIRECTIVE.fullmatch(source.content(number).lstrip().text)
        name = match[1].lower() if match else ""
        if match is None or name not in DIRECTIVES or name in seen:
            return
        seen.add(name)
        yield Directive(name, match[2].rstrip("\t\n\f\r "), number)


def escape_of(found: Mapping[str, str]) -> str:
    """The escape that the directives choose."""
    return found["escape"] if found.get("escape") in _CONTINUED else "\\"


def join(source: Source, first: int, escape: str) -> Joined | None:
    """The instruction that starts on a line; None if that is a comment or blank."""
    passage = source.content(first).lstrip()
    if is_comment(passage.text):
        return None
    passage, goes_on = _cut(passage, escape)
    if not passage.text and not goes_on:
        return None
    last = first
    while goes_on and last < len(source.lines):
        last += 1
        line = source.content(last)
        if line.text.strip(BLANK) and not is_comment(line.text):
            line, goes_on = _cut(line, escape)
            passage += line
    return Joined(passage.strip(), first, last)


def heredoc_end(source: Source, first: int, name: str, *, strips_tabs: bool) -> int:
    """The line of a heredoc's terminator, `first` being the first of its body; one more than the
    file has if it is not terminated."""
    for number in range(first, len(source.lines) + 1):
        line = source.content(number).text
        if (line.lstrip("\t") if strips_tabs else line) == name:
            return number
    return len(source.lines) + 1


def is_comment(line: str) -> bool:
    """Whether a line is one, blanks before it or not."""
    return line.lstrip(BLANK).startswith("#")


def _cut(line: Passage, escape: str) -> tuple[Passage, bool]:
    """A line without the escape at its end, and whether it had one."""
    found = _CONTINUED[escape].search(line.text)
    return (line[: found.start()], True) if found else (line, False)
