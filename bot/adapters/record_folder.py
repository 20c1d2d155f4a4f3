"""Records in a folder of this machine, which several processes may write to."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

from bot.adapters.checkout_files import read_unlinked_file
from bot.errors import InputError, describe_cause

_MAX_FILES = 1_000_000


class RecordFolder:
    """The port `RecordStore` on a folder, which need not exist before something is written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def list_paths(self) -> Sequence[str]:
        """Return the paths of all files below the folder; links are not followed."""
        paths = []
        for folder, _, names in os.walk(self._folder):
            paths += [Path(folder, name).relative_to(self._folder).as_posix() for name in names]
            if len(paths) > _MAX_FILES:
                raise InputError(
                    f"{str(self._folder)!r} has more than {_MAX_FILES:,} files.",
                    fix="name the folder of the records alone: `history: dir:PATH`",
                )
        return paths

    def read_files(self, paths: Sequence[str], max_bytes: int) -> Iterator[bytes | None]:
        """Yield the content of each file; None for a larger one, and for what is no file."""
        for path in paths:
            yield read_unlinked_file(self._folder / path, max_bytes)

    def add_files(self, files: Mapping[str, bytes], message: str) -> None:
        """Write files, each of them whole or not at all; InputError if one cannot be written."""
        try:
            for path, content in files.items():
                _write_file(self._folder / path, content)
        except OSError as problem:
            raise InputError(
                "The record cannot be written.",
                describe_cause(problem),
                "check the folder of `history`",
            ) from problem


def _write_file(path: Path, content: bytes) -> None:
    """Replace a file: another process may be reading it, or writing the same one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # The name has no form of a record's: what a killed process leaves is read by nobody.
    with NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            # Before the rename: after a crash some file systems have the new name and no content.
            os.fsync(file.fileno())
            # A temporary file is for its owner alone; records are read by other jobs, too.
            Path(file.name).chmod(0o644)
            Path(file.name).replace(path)
        except OSError:
            Path(file.name).unlink(missing_ok=True)
            raise
