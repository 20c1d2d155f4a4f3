"""Patterns of a `.dockerignore`, matched as BuildKit matches them.

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
    """Return a predicate over POSIX paths, relative to the context: true for ignored ones."""
    patterns = tuple(_parse_patterns(text))

    def ignored(path: str) -> bool:
        is_ignored = False
        for pattern in patterns:
            if any(pattern.regex.fullmatch(prefix) for prefix in _list_path_and_parents(path)):
                is_ignored = not pattern.is_exception
        return is_ignored

    return ignored


def _parse_patterns(text: str) -> Iterator[_IgnorePattern]:
    # A comment must start in the first column; blanks around a pattern are trimmed afterwards.
    for line in text.removeprefix("\ufeff").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        is_exception = line.strip().startswith("!")
        path = line.strip().removeprefix("!").strip()
        cleaned = posixpath.normpath(path).lstrip("/") if path else ""
        if cleaned and cleaned != ".":
            yield _IgnorePattern(_compile_pattern(cleaned), is_exception)


def _compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a pattern; one that is no valid expression matches nothing.

    Then a file counts as sent, and the worst outcome is a build that was not needed.
    """
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
