"""Path patterns for files with an exact path that depends on the user or a version.

A pattern is an absolute path; `~` is any user's home, `*` is one name.
"""

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

_HOME_PATTERN = r"(?:root|home/[^/]+)"
_HOME_PREFIX = re.compile(r"^(?:/root|/home/[^/]+|\$HOME|\$\{HOME\})(?=/|$)")
# `/.npm/*` and `"/.npm"/`, but not `/.n*`
_PATTERN_CHARACTERS = re.compile(r"[*?\[]")
_TRAILING_WILDCARDS = re.compile(r"(?:[\"']|/+\**)+$")


def has_pattern(path: str) -> bool:
    """Return True if a path has a character of a pattern of the shell."""
    return bool(_PATTERN_CHARACTERS.search(path))


def compile_path_patterns(patterns: Iterable[str]) -> re.Pattern[str]:
    """Compile patterns that match paths of an image's tree at or below any of them.

    >>> bool(compile_path_patterns(["~/.npm"]).match("root/.npm/_cacache/x"))
    True
    """
    names = (re.escape(path.rstrip("/")).replace(r"\*", "[^/]+") for path in patterns)
    # re.escape puts a backslash before a tilde.
    homes = (re.sub(r"^\\~", lambda _: _HOME_PATTERN, name).removeprefix("/") for name in names)
    return re.compile(f"(?:{'|'.join(homes)})(?:/|$)")


def overlaps_pattern(path: str, pattern: str) -> bool:
    """Return True if a path of a script is at, below or above a pattern.

    >>> overlaps_pattern("/root/.cache", "~/.cache/pip"), overlaps_pattern("$HOME/.npm/*", "~/.npm")
    (True, True)

    >>> overlaps_pattern("/root/.n*", "~/.npm"), overlaps_pattern("/root/.n", "~/.npm")
    (True, False)

    A home may be any folder: `useradd --home-dir /app` is not followed.

    >>> overlaps_pattern("/app/.cache", "~/.cache/pip")
    True
    """
    return any(_align(path, pattern))


def covers_pattern(path: str, pattern: str) -> bool:
    """Return True if a path is at or above a pattern."""
    is_home = _split_path(path) == ["~"] and _split_path(pattern)[0] == "~"
    return is_home or any(
        length <= pattern_length for length, pattern_length in _align(path, pattern)
    )


def _align(path: str, pattern: str) -> Iterator[tuple[int, int]]:
    """Yield how many names path and pattern have, for each way in which they agree."""
    names, pattern_names = _split_path(path), _split_path(pattern)
    # `rm -rf /*` names no folder: it would overlap everything.
    if len(names) > 1 and _agree(names, pattern_names):
        yield len(names), len(pattern_names)
    if pattern_names[0] == "~" and len(pattern_names) > 1:
        # A home that is not known as one: /app/.cache is the cache of a user with the home /app.
        for index, name in enumerate(names):
            if name == pattern_names[1] and _agree(names[index:], pattern_names[1:]):
                yield len(names) - index, len(pattern_names) - 1


def _agree(names: list[str], pattern_names: list[str]) -> bool:
    pairs = zip(names, pattern_names, strict=False)
    return all(fnmatchcase(a, b) or fnmatchcase(b, a) for a, b in pairs)


def _split_path(path: str) -> list[str]:
    """Split a path into names; a home is one name, a trailing wildcard is dropped."""
    return _HOME_PREFIX.sub("~", _TRAILING_WILDCARDS.sub("", path.strip("\"'"))).split("/")
