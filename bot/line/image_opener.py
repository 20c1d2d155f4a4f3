"""Opens the files of a measured image, for the rewriter and for the verifier."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

from bot.dockerfile.shell_script import Script
from bot.errors import InputError
from bot.image.elf.dynamic_linker import ElfInfo
from bot.image.elf.elf_reader import read_elf
from bot.image.elf.loader_config import read_loader_config
from bot.image.filesystem.contents import ImageContents
from bot.image.open_image import OpenImage
from bot.line.ports import ImageInspector
from bot.line.production import MeasuredImage
from bot.model.container_config import ContainerConfig
from bot.model.image import Image


@dataclass(frozen=True)
class ImageOpener:
    """Opens images of the engine. An ELF file that several of them have is parsed once.

    The cache grows with every new file, so an opener lives as long as the work on one image and its
    candidates.
    """

    inspector: ImageInspector
    parse_script: Callable[[str], Script]
    _elf_cache: dict[str, ElfInfo | None] = field(default_factory=dict)

    @contextmanager
    def open(self, measured: MeasuredImage, base_reference: str = "") -> Iterator[OpenImage]:
        """Open an image for as long as the context lasts; OSError if its files cannot be read.

        `base_reference` is its base image in the engine, empty if that is not of interest.
        """
        image, config = measured.image, self.inspector.read_config(measured.reference)
        with self.inspector.open_files(measured.reference) as files:
            yield OpenImage(
                image=image,
                config=config,
                files=files,
                base_config=self._read_base_config(base_reference),
                read_elf=self._make_elf_reader(image, files),
                parse_script=self.parse_script,
                loader_config=read_loader_config(files.read, config.env),
            )

    def _read_base_config(self, base_reference: str) -> ContainerConfig | None:
        """Return the configuration of a base image; None if the engine does not have it."""
        try:
            return self.inspector.read_config(base_reference) if base_reference else None
        except InputError:
            return None

    def _make_elf_reader(
        self, image: Image, files: ImageContents
    ) -> Callable[[str], ElfInfo | None]:
        @cache
        def read_file(path: str) -> ElfInfo | None:
            return read_elf(files.read(path) or b"")

        def read_cached(path: str) -> ElfInfo | None:
            entry = image.tree.get(path)
            if entry is None or not entry.content_hash:
                return read_file(path)
            # Contents of tar-split have a CRC-64 each, and others a SHA-256.
            key = f"{image.hash_algorithm}:{entry.content_hash}:{entry.size}"
            if key not in self._elf_cache:
                self._elf_cache[key] = read_file(path)
            return self._elf_cache[key]

        return read_cached
