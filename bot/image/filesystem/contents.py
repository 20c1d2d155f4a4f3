"""The files of an image, whoever reads them."""

from collections.abc import Callable, Iterable
from typing import Protocol


class ImageContents(Protocol):
    """The files of one image; paths have no leading slash."""

    def read(self, path: str) -> bytes | None:
        """A regular file's content, links followed; None if there is none, or it is too large."""
        ...

    def read_below(
        self, folder: str, accepts: Callable[[str, int], bool]
    ) -> Iterable[tuple[str, bytes]]:
        """The regular files in and below a folder that are `wanted` by path and size in bytes."""
        ...
