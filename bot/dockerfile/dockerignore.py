"""Which paths of a build context a `.dockerignore` leaves out, as BuildKit reads it.

The rules are those of github.com/moby/patternmatcher. The Docker SDK for Python has a matcher too,
but it takes upper case for lower: a changed `README` could pass for ignored, and its image for
unchanged.
"""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_PATTERN_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\\.|\[[^\]]*\]|.", re.DOTALL)
_WILDCARDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class _IgnorePattern:
    regex: re.Pattern[str]
    is_exception: bool


def parse_dockerignore(text: str) -> Callable[[str], bool]:
    """A predicate over POSIX paths, relative to the context, true for those left out."""
    patterns = tuple(_parse_patterns(text))

    def ignored(path: str) -> bool:
        left_out = False
        for pattern in patterns:
            if any(pattern.regex.fullmatch(prefix) for prefix in _list_path_and_parents(path)):
                left_out = not pattern.is_exception
        return left_out

    return ignored


def _parse_patterns(text: str) -> Iterator[_IgnorePattern]:
    for line in text.removeprefix("\ufeff").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        keeps = line.strip().startswith("!")
        path = line.strip().removeprefix("!").strip()
        cleaned = posixpath.normpath(path).lstrip("/") if path else ""
        if cleaned and cleaned != ".":
            yield _IgnorePattern(_compile_pattern(cleaned), keeps)


def _compile_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern that is no valid expression matches nothing: building once too often is the safe side."""
    expression = "".join(_translate_token(token) for token in _PATTERN_TOKEN.findall(pattern))
    try:
        return re.compile(expression, re.DOTALL)
    except re.error:
        return re.compile(r"(?!)")


def _translate_token(token: str) -> str:
    if token in _WILDCARDS:
        return _WILDCARDS[token]
    if token.startswith("[") and len(token) > 1:
        return token
    return re.escape(token.removeprefix("\\") if len(token) > 1 else token)


def _list_path_and_parents(path: str) -> Iterator[str]:
    while path:
        yield path
        path = posixpath.dirname(path)
