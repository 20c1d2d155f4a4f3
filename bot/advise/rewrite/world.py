"""What a rewriter knows: a Dockerfile, the image that was built of it, and what is in its files."""

import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from bot.advise.rewrite.release import Release, read_release
from bot.advise.rewrite.system import System, read_system
from bot.advise.subject import Subject
from bot.core.entries import Entry, Kind
from bot.core.linking import Elf
from bot.core.model import Image
from bot.core.settings import Settings
from bot.core.shell import Script

_LINKS = 40  # as many as Linux follows
_TEXT = 200_000  # bytes of a script that are still read


class Contents(Protocol):
    """The files of one image; paths have no leading slash."""

    def read(self, path: str) -> bytes | None:
        """A regular file's content, links followed; None if there is none, or it is too large."""
        ...

    def below(
        self, folder: str, wanted: Callable[[str, int], bool]
    ) -> Iterable[tuple[str, bytes]]:
        """The regular files in and below a folder that are `wanted` by path and size in bytes."""
        ...


@dataclass(frozen=True)
class World:
    """A Dockerfile's built image, looked into. `base_settings` are those that its `FROM` brought.

    `read_script` parses a shell script's text; `read_elf` takes a program's bytes apart.
    """

    subject: Subject
    image: Image
    settings: Settings
    base_settings: Settings
    contents: Contents
    read_script: Callable[[str], Script]
    read_elf: Callable[[bytes], Elf | None]
    _elves: dict[str, Elf | None] = field(default_factory=dict, repr=False)

    @property
    def tree(self) -> Mapping[str, Entry]:
        """What a container sees, by path, directories left out."""
        return self.image.tree

    @cached_property
    def own(self) -> Mapping[str, Entry]:
        """What of it the Dockerfile's own layers brought."""
        inherited = {layer.index for layer in self.image.layers if layer.from_base_image}
        origins = self.image.origins
        return {path: x for path, x in self.tree.items() if origins[path] not in inherited}

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that holds something."""
        found: set[str] = set()
        for path in self.tree:
            folder = posixpath.dirname(path)
            while folder and folder not in found:
                found.add(folder)
                folder = posixpath.dirname(folder)
        return frozenset(found)

    @cached_property
    def release(self) -> Release:
        """Which distribution it is."""
        return read_release(self.text("etc/os-release"))

    @cached_property
    def system(self) -> System:
        """The packages of its distribution."""
        return read_system(self.contents)

    @property
    def workdir(self) -> str:
        """The working folder, without its leading slash."""
        return posixpath.normpath(self.settings.workdir or "/").strip("/")

    def text(self, path: str) -> str:
        """A file's text; empty if there is none."""
        return (self.contents.read(path) or b"")[:_TEXT].decode(errors="replace")

    def elf(self, path: str) -> Elf | None:
        """What the loader is told by a file; None if it is no ELF file."""
        if path not in self._elves:
            data = self.contents.read(path)
            self._elves[path] = self.read_elf(data) if data else None
        return self._elves[path]

    def resolve(self, path: str) -> str | None:
        """The file that a path leads to, links followed; None if it leads nowhere."""
        parts, done = [x for x in path.split("/") if x not in ("", ".")][::-1], list[str]()
        for _ in range(_LINKS * 10):
            if not parts:
                break
            part = parts.pop()
            if part == "..":
                done = done[:-1]
                continue
            entry = self.tree.get("/".join([*done, part]))
            if entry is None or entry.kind is not Kind.SYMLINK:
                done.append(part)
                continue
            if entry.link.startswith("/"):
                done = []
            parts += [x for x in entry.link.split("/") if x not in ("", ".")][::-1]
        found = "/".join(done)
        return found if not parts and (found in self.tree or found in self.folders) else None

    def which(self, program: str) -> str | None:
        """The path, links not followed, that the shell would find a program at."""
        if "/" in program:
            path = posixpath.normpath(posixpath.join("/", self.workdir, program))[1:]
            return path if self.resolve(path) else None
        places = self.settings.env.get("PATH", "/usr/local/bin:/usr/bin:/bin").split(":")
        found = (posixpath.join(place, program).lstrip("/") for place in places if place)
        return next((path for path in found if self.resolve(path)), None)
