"""Paths in an image: symbolic links followed as the kernel would, inside the image."""

import posixpath
from collections.abc import Iterable, Mapping

from bot.image.filesystem.symbolic_links import follow_links
from bot.model.files import Entry, EntryKind


class PathResolver:
    """The paths of a tree; results have no leading slash, and the root is empty."""

    def __init__(self, tree: Mapping[str, Entry], directories: Iterable[str] = ()) -> None:
        """Index a tree; `directories` adds empty ones, the others follow from the tree."""
        self._tree = tree
        self._directories = {""}
        self._resolved_paths: dict[str, str | None] = {}
        for path in directories:
            self._add_directory(path)
        for path in tree:
            self._add_directory(path.rpartition("/")[0])

    def resolve(self, path: str) -> str | None:
        """Return the real path of a path, without links; None if nothing is there."""
        real = self._follow_links(path)
        return real if real in self._tree or real in self._directories else None

    def find_entry(self, path: str) -> Entry | None:
        """Return the entry of a path, links followed; None for a directory."""
        real = self.resolve(path)
        return self._tree.get(real) if real else None

    def is_directory(self, path: str) -> bool:
        """Return True if a path leads to a directory."""
        real = self.resolve(path)
        return real is not None and real in self._directories

    def is_file(self, path: str) -> bool:
        """Return True if a path leads to a regular file."""
        entry = self.find_entry(path)
        return entry is not None and entry.kind in {EntryKind.FILE, EntryKind.HARDLINK}

    def is_executable(self, path: str) -> bool:
        """Return True if a path leads to a regular file with an execute bit."""
        entry = self.find_entry(path)
        return entry is not None and self.is_file(path) and bool(entry.mode & 0o111)

    def find_program(self, name: str, search_path: str, workdir: str = "/") -> str | None:
        """Return the real path of a program, searched for as `execvp` does.

        A name with a slash is relative to `workdir`, as are relative folders of the search path; an
        empty one is `workdir` itself.
        """
        path = self._find_executable(name, search_path, workdir)
        return None if path is None else self.resolve(path)

    def which(self, name: str, search_path: str, workdir: str = "/") -> str | None:
        """Return the path by which `find_program` reaches a program, its links not followed."""
        path = self._find_executable(name, search_path, workdir)
        return None if path is None else posixpath.normpath(f"/{path}").lstrip("/")

    def _find_executable(self, name: str, search_path: str, workdir: str) -> str | None:
        folders = [""] if "/" in name else search_path.split(":")
        candidates = (posixpath.join(workdir or "/", folder, name) for folder in folders)
        return next((path for path in candidates if self.is_executable(path)), None)

    def _add_directory(self, folder: str) -> None:
        while folder not in self._directories:
            self._directories.add(folder)
            folder = folder.rpartition("/")[0]

    def _follow_links(self, path: str) -> str | None:
        """Return the path at the end of all links; None beyond 40 links or through a file."""
        # Nearly all lookups are of plain paths.
        if path in self._directories and self._is_canonical(path):
            return path
        return follow_links(path, self._read_link, self._directories.__contains__)

    def _read_link(self, path: str) -> str | None:
        entry = self._tree.get(path)
        return entry.link if entry is not None and entry.kind is EntryKind.SYMLINK else None

    def _is_canonical(self, path: str) -> bool:
        """Return True if a known directory is spelled without links among its parents."""
        return ".." not in path and "//" not in path and not path.startswith("/")
