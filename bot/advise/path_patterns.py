"""Places in an image, told before anybody knows whose home is meant or which version it will be.

A place is an absolute path; `~` stands for any user's home, `*` for one name.
"""

import re
from collections.abc import Iterable

_HOME_PATTERN = r"(?:root|home/[^/]+)"
_HOME_PREFIX = re.compile(r"^(?:/root|/home/[^/]+|\$HOME|\$\{HOME\})(?=/|$)")
_TRAILING_CHARACTERS = "/*\"'"


def compile_path_patterns(patterns: Iterable[str]) -> re.Pattern[str]:
    """Matches paths, as an image's tree has them, that lie in one of several places.

    >>> bool(inside(["~/.npm"]).match("root/.npm/_cacache/x"))
    True
    """
    names = (re.escape(place.rstrip("/")).replace(r"\*", "[^/]+") for place in patterns)
    homes = (re.sub(r"^\\?~", lambda _: _HOME_PATTERN, name).removeprefix("/") for name in names)
    return re.compile(f"(?:{'|'.join(homes)})(?:/|$)")


def overlaps_pattern(path: str, pattern: str) -> bool:
    """Whether a path, as a script has it, is a place, lies in it or above it.

    >>> speaks_of("/root/.cache", "~/.cache/pip"), speaks_of("$HOME/.npm/*", "~/.npm")
    (True, True)
    """
    given, wanted = _split_path(path), _split_path(pattern)
    same = all(a == b or "*" in (a, b) for a, b in zip(given, wanted, strict=False))
    return len(given) > 1 and same


def covers_pattern(path: str, pattern: str) -> bool:
    """Whether a path is a place or lies above it."""
    return overlaps_pattern(path, pattern) and len(_split_path(path)) <= len(_split_path(pattern))


def _split_path(path: str) -> list[str]:
    """The names on the way, a home being one; what a pattern picks from the last folder is left out."""
    return _HOME_PREFIX.sub("~", path.strip("\"'")).rstrip(_TRAILING_CHARACTERS).split("/")
