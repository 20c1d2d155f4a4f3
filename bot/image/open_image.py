"""A measured image with its files open: what is in it, which layer added it, and how it starts.

Its own module, because the rewriter and the verifier look into images in the same way: where a
program is found, who owns a file, what a path leads to. What they conclude from it is theirs alone,
so that a wrong conclusion of the rewriter does not pass in the verifier, too.
"""

import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.dockerfile.shell_script import Script
from bot.image.elf.dynamic_linker import DynamicLinker, ElfInfo, LoaderConfig
from bot.image.filesystem.contents import ImageContents
from bot.image.filesystem.package_files import map_files_to_packages
from bot.image.filesystem.paths import PathResolver
from bot.image.filesystem.users import Groups, User, read_groups, read_users, resolve_user
from bot.image.packages.os_release import OsRelease, parse_os_release
from bot.model.container_config import ContainerConfig
from bot.model.files import Entry
from bot.model.image import Image, InstructionRef, Layer

# What the engine sets where the image sets no PATH (moby: oci/defaults.go, DefaultPathEnv).
DEFAULT_SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def _read_no_elf(path: str) -> ElfInfo | None:
    return None


def _parse_no_script(text: str) -> Script:
    return Script((), is_complete=False)


@dataclass(frozen=True)
class OpenImage:
    """One image, measured and open. Paths have no leading slash unless noted.

    `base_config` is that of its base image, None where the engine does not have that. `read_elf`
    returns None for what is no ELF file; `parse_script` parses the text of a shell script.
    """

    image: Image
    config: ContainerConfig
    files: ImageContents
    base_config: ContainerConfig | None = None
    read_elf: Callable[[str], ElfInfo | None] = _read_no_elf
    parse_script: Callable[[str], Script] = _parse_no_script
    loader_config: LoaderConfig = field(default_factory=LoaderConfig)

    @property
    def tree(self) -> Mapping[str, Entry]:
        """The files that a container sees, by path, directories left out."""
        return self.image.tree

    @cached_property
    def paths(self) -> PathResolver:
        """The paths of the image, with links followed."""
        return PathResolver(self.image.tree, self.image.directories)

    @cached_property
    def linker(self) -> DynamicLinker:
        """Its dynamic linker."""
        return DynamicLinker(self.paths, self.read_elf, self.loader_config)

    def read_text(self, path: str) -> str:
        """Return a file as text; empty if there is none."""
        return (self.files.read(path) or b"").decode(errors="replace")

    @cached_property
    def os_release(self) -> OsRelease:
        """Its distribution."""
        return parse_os_release(self.read_text("etc/os-release"))

    @cached_property
    def packaged_files(self) -> Mapping[str, str]:
        """The files that the system's packages own, each with the name of the package."""
        return map_files_to_packages(self.files.read_below, self.paths, self.image.tree.values())

    @cached_property
    def users(self) -> Mapping[str, User]:
        """The users of /etc/passwd by name."""
        return read_users(self.read_text("etc/passwd"))

    @cached_property
    def groups(self) -> Groups:
        """The groups of /etc/group by name: number and members."""
        return read_groups(self.read_text("etc/group"))

    @cached_property
    def runtime_user(self) -> User | None:
        """The user that it runs as; None if there is no such user."""
        return resolve_user(self.config.user, self.users, self.groups)

    @cached_property
    def search_path(self) -> str:
        """The folders that programs are looked for in, as in `PATH`."""
        return self.config.env.get("PATH") or DEFAULT_SEARCH_PATH

    @property
    def workdir(self) -> str:
        """The folder that its command starts in, with a leading slash."""
        return self.config.workdir or "/"

    def which(self, program: str) -> str | None:
        """Return the path that a command is found at, links not followed."""
        return self.paths.which(program, self.search_path, self.workdir)

    def find_program(self, program: str) -> str | None:
        """Return the file that a command starts, links followed."""
        return self.paths.find_program(program, self.search_path, self.workdir)

    @cached_property
    def own_files(self) -> Mapping[str, Entry]:
        """The files that the Dockerfile's own layers added, by path."""
        return {
            path: entry for path, entry in self.tree.items() if self.is_added_by_dockerfile(path)
        }

    @cached_property
    def own_folders(self) -> Mapping[str, Entry]:
        """The folders with an entry in the Dockerfile's own layers, by path."""
        image, origins = self.image, self.image.layer_by_directory
        own_layers = {layer.index for layer in image.layers if not layer.from_base_image}
        return {x: entry for x, entry in image.directories.items() if origins.get(x) in own_layers}

    def is_added_by_dockerfile(self, path: str) -> bool:
        """Return True if a path is from a layer that the Dockerfile added on top of its base."""
        layer = self._find_layer(path)
        return layer is None or not layer.from_base_image

    def get_instruction(self, path: str) -> InstructionRef | None:
        """Return the instruction that added a file; None if it is unknown."""
        index = self.image.layer_by_path.get(path)
        return None if index is None else self.image.layers[index].instruction

    def get_instruction_keyword(self, path: str) -> str:
        """Return the keyword of the instruction that added a file; empty if it is unknown."""
        instruction = self.get_instruction(path)
        return instruction.keyword if instruction else ""

    def _find_layer(self, path: str) -> Layer | None:
        """Return the layer that added a file, or the last one that has an entry of a directory."""
        index = self.image.layer_by_path.get(path, self.image.layer_by_directory.get(path))
        return None if index is None else self.image.layers[index]

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder with something in it."""
        return frozenset(collect_folders(map(posixpath.dirname, self.tree)))


def collect_folders(folders: Iterable[str]) -> set[str]:
    """Return some folders with all that are above them, but for the root."""
    collected: set[str] = set()
    for path in folders:
        folder = path
        while folder and folder not in collected:
            collected.add(folder)
            folder = posixpath.dirname(folder)
    return collected
