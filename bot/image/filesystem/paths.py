"""Where a path leads in an image: symbolic links followed as the kernel would, inside of it."""

import posixpath
from collections.abc import Iterable, Mapping

from bot.model.files import Entry, EntryKind

_MAX_LINKS = 40  # as many as the kernel follows before it says ELOOP


class PathResolver:
    """The paths of a tree. None of them has a leading slash when given back; the root is empty."""

    def __init__(self, tree: Mapping[str, Entry], directories: Iterable[str] = ()) -> None:
        """`directories` are those that may hold nothing; the others follow from the tree."""
        self._tree = tree
        self._directories = {""}
        self._resolved_paths: dict[str, str | None] = {}
        for path in directories:
            self._add_directory(path)
        for path in tree:
            self._add_directory(path.rpartition("/")[0])

    def resolve(self, path: str) -> str | None:
        """The path that a path leads to, without links in it; None if there is nothing."""
        found = self._follow_links(path)
        return found if found in self._tree or found in self._directories else None

    def find_entry(self, path: str) -> Entry | None:
        """What a path leads to, if that is no directory."""
        real = self.resolve(path)
        return self._tree.get(real) if real else None

    def is_directory(self, path: str) -> bool:
        """Whether a path leads to a directory."""
        real = self.resolve(path)
        return real is not None and real in self._directories

    def is_file(self, path: str) -> bool:
        """Whether a path leads to a regular file."""
        entry = self.find_entry(path)
        return entry is not None and entry.kind in {EntryKind.FILE, EntryKind.HARDLINK}

    def is_executable(self, path: str) -> bool:
        """Whether a path leads to a regular file that somebody may execute."""
        entry = self.find_entry(path)
        return entry is not None and self.is_file(path) and bool(entry.mode & 0o111)

    def find_program(self, name: str, search_path: str, workdir: str = "/") -> str | None:
        """Where `execvp` finds a program on a `PATH`; a name with a slash is a path from `workdir`."""
        if "/" in name:
            found = posixpath.join(workdir or "/", name)
            return self.resolve(found) if self.is_executable(found) else None
        for folder in search_path.split(":"):
            found = posixpath.join(workdir or "/", folder, name)
            if self.is_executable(found):
                return self.resolve(found)
        return None

    def _add_directory(self, folder: str) -> None:
        while folder not in self._directories:
            self._directories.add(folder)
            folder = folder.rpartition("/")[0]

    def _follow_links(self, path: str) -> str | None:
        """The end of a path; what its last part is does not matter, as long as it is no link."""
        if path in self._directories and self._is_canonical(path):
            return path
        here, steps, links = "", path.split("/")[::-1], 0
        while steps:
            step = steps.pop()
            if step in {"", "."}:
                continue
            if step == "..":
                here = here.rpartition("/")[0]
                continue
            here = f"{here}/{step}" if here else step
            entry = self._tree.get(here)
            if entry is not None and entry.kind is EntryKind.SYMLINK:
                links += 1
                if links > _MAX_LINKS:
                    return None
                here = "" if entry.link.startswith("/") else here.rpartition("/")[0]
                steps.extend(entry.link.split("/")[::-1])
            elif steps and here not in self._directories and any(x not in {"", "."} for x in steps):
                return None
        return here

    def _is_canonical(self, path: str) -> bool:
        """A directory that the tree names below itself has no link among its parents."""
        return ".." not in path and "//" not in path and not path.startswith("/")
