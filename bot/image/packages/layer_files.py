"""A layer as the readers of package databases see it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_MAX_LINES = 500_000  # of a database; the longest seen have a fifth of that


@dataclass(frozen=True, slots=True)
class LayerFiles:
    """The paths of a layer's files, and the contents of those that were kept.

    Nothing here raises: what can't be read as what it should be is read as nothing.
    """

    paths: Sequence[str]
    contents: Mapping[str, bytes]

    def find_named(self, *names: str) -> Iterator[str]:
        """The paths, of those that were kept, that have one of these base names."""
        return (path for path in self.contents if path.rpartition("/")[2] in names)

    def read_text(self, path: str) -> str:
        """A file's text, empty for one that was not kept; bytes that are no text survive as in paths."""
        return self.contents.get(path, b"").decode(errors="surrogateescape")

    def read_lines(self, path: str) -> list[str]:
        """The lines of a file's text, as many as a real database may have."""
        return self.read_text(path).split("\n", _MAX_LINES)[:_MAX_LINES]

    def read_json(self, path: str) -> Any:
        """A JSON document; None if it is none."""
        try:
            return json.loads(self.contents.get(path, b""))
        except (ValueError, RecursionError):
            return None


def parse_string(value: Any) -> str | None:
    """A JSON string; None if it is no string, or an empty one."""
    return value if isinstance(value, str) and value else None
