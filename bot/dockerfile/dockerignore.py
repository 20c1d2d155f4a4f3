"""Which paths of a build context a `.dockerignore` leaves out, as BuildKit reads it.

The rules are those of github.com/moby/patternmatcher. The Docker SDK for Python has a matcher too,
but it takes upper case for lower: a changed `README` could pass for ignored, and its image for
unchanged.
"""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\\.|\[[^\]]*\]|.", re.DOTALL)
_WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class _Pattern:
    regex: re.Pattern[str]
    keeps: bool


def read_ignore(text: str) -> Callable[[str], bool]:
    """A predicate over POSIX paths, relative to the context, true for those left out."""
    patterns = tuple(_patterns(text))

    def ignored(path: str) -> bool:
        left_out = False
        for pattern in patterns:
            if any(pattern.regex.fullmatch(prefix) for prefix in _with_parents(path)):
                left_out = not pattern.keeps
        return left_out

    return ignored


def _patterns(text: str) -> Iterator[_Pattern]:
    for line in text.removeprefix("\ufeff").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        keeps = line.strip().startswith("!")
        path = line.strip().removeprefix("!").strip()
        cleaned = posixpath.normpath(path).lstrip("/") if path else ""
        if cleaned and cleaned != ".":
            yield _Pattern(_compile(cleaned), keeps)


def _compile(pattern: str) -> re.Pattern[str]:
    """A pattern that is no valid expression matches nothing: building once too often is the safe side."""
    expression = "".join(_translate(token) for token in _TOKEN.findall(pattern))
    try:
        return re.compile(expression, re.DOTALL)
    except re.error:
        return re.compile(r"(?!)")


def _translate(token: str) -> str:
    if token in _WILD:
        return _WILD[token]
    if token.startswith("[") and len(token) > 1:
        return token
    return re.escape(token.removeprefix("\\") if len(token) > 1 else token)


def _with_parents(path: str) -> Iterator[str]:
    while path:
        yield path
        path = posixpath.dirname(path)
