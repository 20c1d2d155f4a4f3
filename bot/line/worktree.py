"""The files of a checkout, as the adapters hand them to the line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# Reads a file below a folder: its path, the folder, the most bytes. None for one that is larger or
# that links lead out of the folder to, and for what is no regular file.
FileReader = Callable[[Path, Path, int], bytes | None]


@dataclass(frozen=True, slots=True)
class Worktree:
    """The checked-out files of a commit.

    `lfs_pointers` maps files that are Git LFS pointers without content to their object IDs, and
    `submodules` maps empty folders of submodules that are not checked out to their commits;
    `unwritable_files` are not there, since their names are too long for the file system;
    `notes` are sentences about this and other missing content.
    """

    root: Path
    read_file: FileReader
    lfs_pointers: Mapping[str, str] = field(default_factory=dict)
    submodules: Mapping[str, str] = field(default_factory=dict)
    unwritable_files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreparedCheckout:
    """The files of a checkout after the commands that run before its builds."""

    root: Path
    seconds: float
