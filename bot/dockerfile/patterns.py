"""The shell's patterns as BuildKit knows them in `${v#…}` and its like: `*` and `?`, no brackets."""

import re
from collections.abc import Iterator

_ESCAPABLE = ("*", "?", "\\", "}", "/")


def compile_pattern(pattern: str, *, longest: bool) -> re.Pattern[str]:
    """A pattern whose `*` takes as much or as little as it can; ValueError for a wrong escape."""
    return re.compile("".join(_translate_pattern(pattern, ".*" if longest else ".*?")))


def strip_prefix(value: str, pattern: re.Pattern[str]) -> str:
    """The value without what the pattern matches at its start."""
    found = pattern.match(value)
    return value[found.end() :] if found else value


def strip_suffix(value: str, pattern: re.Pattern[str], *, longest: bool) -> str:
    """The value without the longest or shortest end that the pattern matches."""
    starts = range(len(value) + 1)
    candidates = starts if longest else reversed(starts)
    return next((value[:start] for start in candidates if pattern.fullmatch(value, start)), value)


def _translate_pattern(pattern: str, wildcard: str) -> Iterator[str]:
    characters = iter(pattern)
    for character in characters:
        if character == "*":
            yield wildcard
        elif character == "?":
            yield "."
        elif character == "\\":
            escaped = next(characters, "")
            if escaped not in _ESCAPABLE:
                raise ValueError(f"invalid escape in a pattern: {escaped!r}")
            yield re.escape(escaped)
        else:
            yield re.escape(character)
