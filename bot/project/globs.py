"""Globs for the names and paths of images: `services/*`, `**/Dockerfile`, `api-?`."""

import fnmatch
import re
from collections.abc import Iterable, Iterator

_GLOB_CHARACTERS = frozenset("*?[")
_ANY_FOLDERS = "**"


def is_glob(text: str) -> bool:
    """Return True for a text with a wildcard."""
    return bool(_GLOB_CHARACTERS.intersection(text))


class Glob:
    """A glob for a whole text; `*` stays in one folder, and `**` does not.

    Folders are matched one after the other, without going back, so that no glob takes long.
    """

    def __init__(self, text: str) -> None:
        names = text.split("/")
        # Behind the last folder, `**` is all that is in it.
        names += ["*"] if names[-1] == _ANY_FOLDERS else []
        self._names = [None if name == _ANY_FOLDERS else _compile(name) for name in names]

    def matches(self, text: str) -> bool:
        """Return True if the glob takes all of a text."""
        # All positions that some reading of the glob may be at, as in a finite automaton.
        reached = set(self._skip_folders([0]))
        for name in text.split("/"):
            reached = set(self._skip_folders(self._take(reached, name)))
        return len(self._names) in reached

    def _take(self, positions: Iterable[int], name: str) -> Iterator[int]:
        """Yield the positions behind one name of a path."""
        for position in positions:
            if position < len(self._names):
                pattern = self._names[position]
                if pattern is None:
                    yield position
                elif pattern.match(name):
                    yield position + 1

    def _skip_folders(self, positions: Iterable[int]) -> Iterator[int]:
        """Yield positions, and those behind a `**` that takes no folder."""
        for position in positions:
            yield position
            following = position
            while following < len(self._names) and self._names[following] is None:
                following += 1
                yield following


def _compile(name: str) -> re.Pattern[str]:
    """Return a pattern for one name of a path; those of `fnmatch` do not go back."""
    return re.compile(fnmatch.translate(name))
