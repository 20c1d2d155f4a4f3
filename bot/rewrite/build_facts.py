"""What a rewriter knows: a Dockerfile, the image that was built of it, and what is in its files."""

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.advise.subject import RuleInput
from bot.dockerfile.shell_script import Script
from bot.image.elf.dynamic_linker import DynamicLinker, ElfInfo
from bot.image.filesystem.contents import ImageContents
from bot.image.filesystem.paths import PathResolver
from bot.image.packages.os_release import OsRelease, parse_os_release
from bot.model.container_config import ContainerConfig
from bot.model.files import Entry
from bot.model.image import Image
from bot.rewrite.package_graph import PackageGraph, read_package_graph

_MAX_TEXT_BYTES = 200_000  # bytes of a script that are still read


@dataclass(frozen=True, slots=True)
class BaseCandidate:
    """An image that the last stage may stand on: its settings, and the packages it has."""

    name: str
    settings: ContainerConfig = field(default_factory=ContainerConfig)
    packages: frozenset[str] = frozenset()
    unpacked_bytes: int | None = None


@dataclass(frozen=True)
class BuildFacts:
    """A Dockerfile's built image, looked into. `base_settings` are those that its `FROM` brought.

    `read_script` parses a shell script's text.
    """

    rule_input: RuleInput
    image: Image
    settings: ContainerConfig
    base_settings: ContainerConfig
    contents: ImageContents
    linker: DynamicLinker
    parse_script: Callable[[str], Script]

    @property
    def tree(self) -> Mapping[str, Entry]:
        """What a container sees, by path, directories left out."""
        return self.image.tree

    @cached_property
    def own_files(self) -> Mapping[str, Entry]:
        """What of it the Dockerfile's own layers brought."""
        inherited = {layer.index for layer in self.image.layers if layer.from_base_image}
        origins = self.image.layer_by_path
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
    def os_release(self) -> OsRelease:
        """Which distribution it is."""
        return parse_os_release(self.read_text("etc/os-release"))

    @cached_property
    def package_graph(self) -> PackageGraph:
        """The packages of its distribution."""
        return read_package_graph(self.contents)

    @property
    def workdir(self) -> str:
        """The working folder, without its leading slash."""
        return posixpath.normpath(self.settings.workdir or "/").strip("/")

    def read_text(self, path: str) -> str:
        """A file's text; empty if there is none."""
        return (self.contents.read(path) or b"")[:_MAX_TEXT_BYTES].decode(errors="replace")

    @property
    def paths(self) -> PathResolver:
        """Where paths lead, links followed."""
        return self.linker.paths

    def read_elf(self, path: str) -> ElfInfo | None:
        """What the loader is told by a file; None if it is no ELF file."""
        return self.linker.read_elf(path)

    def which(self, program: str) -> str | None:
        """The path, links not followed, that the shell would find a program at."""
        if "/" in program:
            path = posixpath.normpath(posixpath.join("/", self.workdir, program))[1:]
            return path if self.paths.resolve(path) else None
        places = self.settings.env.get("PATH", "/usr/local/bin:/usr/bin:/bin").split(":")
        found = (posixpath.join(place, program).lstrip("/") for place in places if place)
        return next((path for path in found if self.paths.resolve(path)), None)
