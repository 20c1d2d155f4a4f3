"""Git LFS files in a written tree: their contents, from the clone's own store or from the server.

The program git-lfs is not needed, and not started: its settings are those of whoever checked out.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.git.lfs_pointers import LfsPointer
from bot.adapters.git.lfs_server import LfsServer, LfsUnavailable


@dataclass(frozen=True, slots=True)
class LfsResult:
    """The files that are still pointers, and the reason if a server was asked for them."""

    pointers: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class LfsObjects:
    """The contents of Git LFS files: folders of clones, and a server for what they lack."""

    clone_folders: tuple[Path, ...]
    downloads: Path
    server: LfsServer | None = None

    def fill(self, tree: Path, pointers: Mapping[str, LfsPointer]) -> LfsResult:
        """Replace pointers by contents."""
        problem = self._fetch_missing(pointers)
        remaining = [
            path for path, pointer in pointers.items() if not self._fill(tree / path, pointer)
        ]
        return LfsResult(tuple(remaining), problem)

    def _fetch_missing(self, pointers: Mapping[str, LfsPointer]) -> str:
        """Download what the clones lack, and return the reason if that is not possible."""
        missing = [pointer for pointer in pointers.values() if self._find(pointer) is None]
        if not missing or self.server is None:
            return ""
        self.downloads.mkdir(exist_ok=True)
        try:
            self.server.download(missing, self.downloads)
        except LfsUnavailable as problem:
            return str(problem)
        return ""

    def _fill(self, path: Path, pointer: LfsPointer) -> bool:
        content = self._find(pointer)
        if content:
            shutil.copyfile(content, path)
        return content is not None

    def _find(self, pointer: LfsPointer) -> Path | None:
        """Return the content of a pointer, if it has the pointer's size."""
        oid = pointer.oid
        # The layout of git-lfs's own store, by the first four digits.
        paths = [folder / oid[:2] / oid[2:4] / oid for folder in self.clone_folders]
        files = (path for path in (*paths, self.downloads / oid) if path.is_file())
        return next((path for path in files if path.stat().st_size == pointer.size), None)
