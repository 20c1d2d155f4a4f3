"""The files of a layer, as the detectors of packages see them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.image.packages.path_budget import PathBudget

_MAX_LINES = 500_000  # of a database; the longest seen have a fifth of that


@dataclass(frozen=True, slots=True)
class LayerFiles:
    """The paths of a layer's files, and the contents of those that were captured.

    What is not in the expected format reads as empty. Detectors count the paths that they make of
    the contents by `budget`, which raises Unreadable beyond its bound.
    """

    paths: Sequence[str]
    contents: Mapping[str, bytes]
    budget: PathBudget = field(default_factory=PathBudget)

    def find_named(self, *names: str) -> Iterator[str]:
        """Yield the paths of captured files that have one of these base names."""
        return (path for path in self.contents if path.rpartition("/")[2] in names)

    def read_lines(self, path: str) -> list[str]:
        """Return the lines of a file, at most as many as a real database has.

        There are none if it was not captured; bytes that are no text are escaped.
        """
        lines = self.contents.get(path, b"").split(b"\n", _MAX_LINES)[:_MAX_LINES]
        return [line.decode(errors="surrogateescape") for line in lines]

    def read_json(self, path: str) -> Any:
        """Return a JSON document; None if the file is none."""
        try:
            return json.loads(self.contents.get(path, b""))
        except (ValueError, RecursionError):
            return None


def parse_string(value: Any) -> str | None:
    """Return a JSON value that is a non-empty string, else None."""
    return value if isinstance(value, str) and value else None
