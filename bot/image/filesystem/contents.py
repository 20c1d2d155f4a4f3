"""The port for the files of an image; adapters read them from an engine or an archive."""

from collections.abc import Callable, Iterable
from typing import Protocol


class ImageContents(Protocol):
    """The files of one image; paths have no leading slash."""

    def read(self, path: str) -> bytes | None:
        """Return a regular file's content, links followed; None if missing or too large."""
        ...

    def read_below(
        self, folder: str, accepts: Callable[[str, int], bool]
    ) -> Iterable[tuple[str, bytes]]:
        """Yield the regular files below a folder that `accepts` path and size in bytes."""
        ...
