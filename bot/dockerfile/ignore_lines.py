"""The lines of a `.dockerignore`, read as github.com/moby/patternmatcher reads them.

First ignorefile.ReadAll, then the patterns' way to the client as JSON, then patternmatcher.New,
which cleans them once more.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.dockerfile.ignore_syntax import IllegalIgnoreFileError, check_syntax
from bot.dockerfile.source_text import BLANK, BOM

_MAX_LINE_BYTES = 65_535  # of bufio.Scanner, without the newline
_UNDECODABLE = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class IgnorePattern:
    """A cleaned pattern, and if it takes back what others leave out."""

    text: str
    is_exception: bool


def read_patterns(data: bytes) -> tuple[IgnorePattern, ...]:
    """Return the patterns of a file; IllegalIgnoreFileError if BuildKit refuses one."""
    return tuple(pattern for line in _read_lines(data) for pattern in _clean_line(line))


def _read_lines(data: bytes) -> Iterator[str]:
    lines = data.split(b"\n")
    if any(len(line) > _MAX_LINE_BYTES for line in lines):
        raise IllegalIgnoreFileError("token too long")
    lines[0] = lines[0].removeprefix(BOM)
    for line in lines:
        if not line.startswith(b"#"):  # a comment must start in the first column
            yield line.removesuffix(b"\r").decode("utf-8", "surrogateescape")


def _clean_line(line: str) -> Iterator[IgnorePattern]:
    text = line.strip(BLANK)
    if not text:
        return
    is_exception = text.startswith("!")
    path = text.removeprefix("!").strip(BLANK) if is_exception else text
    if path:
        path = clean_path(path)
        path = path[1:] if len(path) > 1 and path.startswith("/") else path
    yield from _make_pattern(f"!{path}" if is_exception else path)


def _make_pattern(text: str) -> Iterator[IgnorePattern]:
    """Yield the pattern that the client makes of a line, if it is not empty.

    The exclamation mark is cleaned as a part of the first name: `!../../a` is `a`, not an
    exception.
    """
    text = _UNDECODABLE.sub("\ufffd", text).strip(BLANK)
    if not text:
        return
    text = clean_path(text)
    is_exception = text.startswith("!")
    text = text.removeprefix("!") if is_exception else text
    if not text:
        raise IllegalIgnoreFileError('illegal exclusion pattern: "!"')
    check_syntax(text)
    yield IgnorePattern(text, is_exception)


def clean_path(path: str) -> str:
    """Return the shortest equal path, as Go's filepath.Clean; `.` for an empty one."""
    is_absolute = path.startswith("/")
    names: list[str] = []
    for name in path.split("/"):
        if name == "..":
            if names and names[-1] != "..":
                names.pop()
            elif not is_absolute:
                names.append(name)
        elif name not in {"", "."}:
            names.append(name)
    return "/" * is_absolute + "/".join(names) or "."
