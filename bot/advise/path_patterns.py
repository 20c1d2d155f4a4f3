"""Places in an image, told before anybody knows whose home is meant or which version it will be.

A place is an absolute path; `~` stands for any user's home, `*` for one name.
"""

import re
from collections.abc import Iterable

_HOMES = r"(?:root|home/[^/]+)"
_HOME = re.compile(r"^(?:/root|/home/[^/]+|\$HOME|\$\{HOME\})(?=/|$)")
_ENDS = "/*\"'"


def inside(places: Iterable[str]) -> re.Pattern[str]:
    """Matches paths, as an image's tree has them, that lie in one of several places.

    >>> bool(inside(["~/.npm"]).match("root/.npm/_cacache/x"))
    True
    """
    names = (re.escape(place.rstrip("/")).replace(r"\*", "[^/]+") for place in places)
    homes = (re.sub(r"^\\?~", lambda _: _HOMES, name).removeprefix("/") for name in names)
    return re.compile(f"(?:{'|'.join(homes)})(?:/|$)")


def speaks_of(path: str, place: str) -> bool:
    """Whether a path, as a script has it, is a place, lies in it or above it.

    >>> speaks_of("/root/.cache", "~/.cache/pip"), speaks_of("$HOME/.npm/*", "~/.npm")
    (True, True)
    """
    given, wanted = _parts(path), _parts(place)
    same = all(a == b or "*" in (a, b) for a, b in zip(given, wanted, strict=False))
    return len(given) > 1 and same


def covers(path: str, place: str) -> bool:
    """Whether a path is a place or lies above it."""
    return speaks_of(path, place) and len(_parts(path)) <= len(_parts(place))


def _parts(path: str) -> list[str]:
    """The names on the way, a home being one; what a pattern picks from the last folder is left out."""
    return _HOME.sub("~", path.strip("\"'")).rstrip(_ENDS).split("/")
