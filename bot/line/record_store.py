"""The port to a place where records are kept."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol


class RecordStore(Protocol):
    """A store of records: a branch of the remote, or a folder."""

    def list_paths(self) -> Sequence[str]:
        """Return the paths of all files; what is no path of a record may be among them."""
        ...

    def read_files(self, paths: Sequence[str], max_bytes: int) -> Iterator[bytes | None]:
        """Yield the content of each file; None for a larger one, and for what is no file."""
        ...

    def add_files(self, files: Mapping[str, bytes], message: str) -> None:
        """Add files, whatever others write meanwhile; ReviewError if that is not possible."""
        ...
