"""Path patterns for files with an exact path that depends on the user or a version.

A pattern is an absolute path; `~` is any user's home, `*` is one name.
"""

import re
from collections.abc import Iterable

_HOME_PATTERN = r"(?:root|home/[^/]+)"
_HOME_PREFIX = re.compile(r"^(?:/root|/home/[^/]+|\$HOME|\$\{HOME\})(?=/|$)")
_TRAILING_CHARACTERS = "/*\"'"


def compile_path_patterns(patterns: Iterable[str]) -> re.Pattern[str]:
    """Compile patterns that match paths of an image's tree at or below any of them.

    >>> bool(compile_path_patterns(["~/.npm"]).match("root/.npm/_cacache/x"))
    True
    """
    names = (re.escape(path.rstrip("/")).replace(r"\*", "[^/]+") for path in patterns)
    homes = (re.sub(r"^\\?~", lambda _: _HOME_PATTERN, name).removeprefix("/") for name in names)
    return re.compile(f"(?:{'|'.join(homes)})(?:/|$)")


def overlaps_pattern(path: str, pattern: str) -> bool:
    """Return True if a path of a script is at, below or above a pattern.

    >>> overlaps_pattern("/root/.cache", "~/.cache/pip"), overlaps_pattern("$HOME/.npm/*", "~/.npm")
    (True, True)
    """
    names, pattern_names = _split_path(path), _split_path(pattern)
    pairs = zip(names, pattern_names, strict=False)
    # `rm -rf /*` names no folder: it would overlap everything.
    return len(names) > 1 and all(a == b or "*" in (a, b) for a, b in pairs)


def covers_pattern(path: str, pattern: str) -> bool:
    """Return True if a path is at or above a pattern."""
    return overlaps_pattern(path, pattern) and len(_split_path(path)) <= len(_split_path(pattern))


def _split_path(path: str) -> list[str]:
    """Split a path into names; a home is one name, a trailing wildcard is dropped."""
    return _HOME_PREFIX.sub("~", path.strip("\"'")).rstrip(_TRAILING_CHARACTERS).split("/")
