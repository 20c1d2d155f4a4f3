"""Open images for tests: entries and contents by path, in layers of instructions.

The two languages on top of it say what is in them: rewrite_world.py lists the files of a Dockerfile's
image, image_pair_world.py those of two images side by side.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.image.elf.dynamic_linker import ElfInfo, LoaderConfig
from bot.image.filesystem.paths import PathResolver
from bot.image.open_image import OpenImage
from bot.model.container_config import ContainerConfig
from bot.model.files import Entry, EntryKind, OwnerKey
from bot.model.image import Image, InstructionRef, Layer
from tests.support.image_files import ImageFiles

parse_script = DockerfileReader().parse_script


@dataclass
class LinkedFiles(ImageFiles):
    """Files by path, links followed."""

    paths: PathResolver

    def read(self, path: str) -> bytes | None:
        path = path.lstrip("/")
        if path not in self.contents:
            path = self.paths.resolve(path) or ""
        return super().read(path)


@dataclass
class ImageWorld:
    """The parts of an image; an entry's number is its layer, 0 the base image's."""

    instructions: Sequence[InstructionRef | None]
    entries: list[tuple[Entry, int]] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    elves: Mapping[str, ElfInfo] = field(default_factory=dict)
    loader_config: LoaderConfig = field(default_factory=LoaderConfig)
    debian_packages: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def measure(self) -> Image:
        files = [x for x in self.entries if x[0].kind is not EntryKind.DIRECTORY]
        folders = [x for x in self.entries if x[0].kind is EntryKind.DIRECTORY]
        sizes = [0] * len(self.instructions)
        for entry, layer in files:
            sizes[layer] += entry.size
        return Image(
            "app",
            "sha256:app",
            "linux/amd64",
            tuple(self._layer(index, size) for index, size in enumerate(sizes)),
            compressed_exact=True,
            filesystem_bytes=sum(sizes),
            files=len(files),
            tree={entry.path: entry for entry, _ in files},
            layer_by_path={entry.path: layer for entry, layer in files},
            directories={entry.path: entry for entry, _ in folders},
            layer_by_directory={entry.path: layer for entry, layer in folders},
        )

    def open(self, config: ContainerConfig, base_config: ContainerConfig | None) -> OpenImage:
        image = self.measure()
        paths = PathResolver(image.tree, image.directories)
        return OpenImage(
            image,
            config,
            LinkedFiles(self.contents, paths),
            base_config,
            dict(self.elves).get,
            parse_script,
            self.loader_config,
        )

    def add_dpkg_database(self, files_by_package: Mapping[str, Iterable[str]]) -> None:
        """Let dpkg own some files; the folder of its database is the base image's."""
        folder = Entry("var/lib/dpkg", EntryKind.DIRECTORY, 0, 0o755)
        self.entries.append((folder, 0))
        paragraphs = []
        for name, files in files_by_package.items():
            paragraphs.append(f"Package: {name}\nStatus: install ok installed\nVersion: 1\n")
            self.contents[f"var/lib/dpkg/info/{name}.list"] = list_file(files)
        self.contents["var/lib/dpkg/status"] = "\n".join(paragraphs).encode()

    def _layer(self, index: int, size: int) -> Layer:
        instruction = self.instructions[index]
        return Layer(
            index,
            f"sha256:{index}",
            size,
            size,
            1,
            instruction.text if instruction else "",
            f"{index}",
            owners={OwnerKey("deb", x, "1"): 1 for x in self.debian_packages.get(index, ())},
            instruction=instruction,
            from_base_image=index == 0,
        )


def list_file(paths: Iterable[str]) -> bytes:
    """Return the path in which dpkg lists the files of a package."""
    return ("/.\n" + "".join(f"/{path}\n" for path in paths)).encode()


def hash_text(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()
