"""Looks into a built image, and has its Dockerfile rewritten from what is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from bot.advise.subject import Subject
from bot.errors import BadInput
from bot.image.elf.dynamic_linker import Elf, Linker
from bot.image.elf.loader_config import read_places
from bot.image.elf.reader import read_elf
from bot.image.filesystem.contents import Contents
from bot.image.filesystem.paths import Paths
from bot.line.measurer import Measurer
from bot.line.ports import Builder, Looks, Parser
from bot.model.container_config import Settings
from bot.model.image import Image
from bot.rewrite.build_facts import Ground, World
from bot.rewrite.package_graph import read_system
from bot.rewrite.rewrite import LeftAlone, Rewriting, rewriting_of


@dataclass(frozen=True, slots=True)
class Rewriter:
    """What a rewrite needs of the outside."""

    looks: Looks
    builder: Builder
    parser: Parser
    measurer: Measurer

    @contextmanager
    def look(
        self, subject: Subject, image: Image, reference: str, base: str
    ) -> Iterator[Rewriting | LeftAlone]:
        """How the Dockerfile of a built image may be rewritten, as long as its files are open.

        `reference` is the image in the engine, `base` the one that it stands on.
        """
        settings = self.looks.settings(reference)
        with self.looks.files(reference) as files:
            world = World(
                subject=subject,
                image=image,
                settings=settings,
                base_settings=self._settings(base),
                contents=files,
                linker=linker_of(image, files, settings),
                read_script=self.parser.script,
            )
            yield rewriting_of(world, self._ground)

    def _settings(self, base: str) -> Settings:
        """What a base image sets; nothing where the engine does not have it."""
        try:
            return self.looks.settings(base)
        except BadInput:
            return Settings()

    def _ground(self, name: str) -> Ground | None:
        """A base image that can be had; what is in it is known if the engine has it."""
        pins = self.builder.pin([name], None)
        if name in pins.unresolved:
            return None
        if name not in pins.layers:
            return Ground(name)
        measured = self.measurer.measure(name)
        size = measured.unpacked_bytes if isinstance(measured, Image) else None
        with self.looks.files(name) as files:
            packages = frozenset(read_system(files).packages)
        return Ground(name, self.looks.settings(name), packages, size)


def linker_of(image: Image, files: Contents, settings: Settings) -> Linker:
    """An image as its loader sees it."""

    @cache
    def elf(path: str) -> Elf | None:
        data = files.read(path)
        return read_elf(data) if data else None

    return Linker(Paths(image.tree), elf, read_places(files.read, settings.env))
