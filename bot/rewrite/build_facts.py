"""What a rewriter knows: a Dockerfile, the image that was built of it, and what is in its files."""

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.advise.subject import Subject
from bot.dockerfile.shell_script import Script
from bot.image.elf.dynamic_linker import Elf, Linker
from bot.image.filesystem.contents import Contents
from bot.image.filesystem.paths import Paths
from bot.image.packages.os_release import Release, read_release
from bot.model.container_config import Settings
from bot.model.files import Entry
from bot.model.image import Image
from bot.rewrite.package_graph import System, read_system

_TEXT = 200_000  # bytes of a script that are still read


@dataclass(frozen=True, slots=True)
class Ground:
    """An image that the last stage may stand on: its settings, and the packages it has."""

    name: str
    settings: Settings = field(default_factory=Settings)
    packages: frozenset[str] = frozenset()
    unpacked_bytes: int | None = None


@dataclass(frozen=True)
class World:
    """A Dockerfile's built image, looked into. `base_settings` are those that its `FROM` brought.

    `read_script` parses a shell script's text.
    """

    subject: Subject
    image: Image
    settings: Settings
    base_settings: Settings
    contents: Contents
    linker: Linker
    read_script: Callable[[str], Script]

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

    @property
    def paths(self) -> Paths:
        """Where paths lead, links followed."""
        return self.linker.paths

    def elf(self, path: str) -> Elf | None:
        """What the loader is told by a file; None if it is no ELF file."""
        return self.linker.elf(path)

    def which(self, program: str) -> str | None:
        """The path, links not followed, that the shell would find a program at."""
        if "/" in program:
            path = posixpath.normpath(posixpath.join("/", self.workdir, program))[1:]
            return path if self.paths.real(path) else None
        places = self.settings.env.get("PATH", "/usr/local/bin:/usr/bin:/bin").split(":")
        found = (posixpath.join(place, program).lstrip("/") for place in places if place)
        return next((path for path in found if self.paths.real(path)), None)
