"""Looks into a built image, and has its Dockerfile rewritten from what is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from bot.advise.subject import RuleInput
from bot.errors import InputError
from bot.image.elf.dynamic_linker import DynamicLinker, ElfInfo
from bot.image.elf.elf_reader import read_elf
from bot.image.elf.loader_config import read_loader_config
from bot.image.filesystem.contents import ImageContents
from bot.image.filesystem.paths import PathResolver
from bot.line.ports import ImageInspector
from bot.line.production import MeasuredImage, Producer
from bot.model.container_config import ContainerConfig
from bot.model.image import Image
from bot.rewrite.build_facts import BaseCandidate, BuildFacts
from bot.rewrite.package_graph import read_package_graph
from bot.rewrite.rewrite import ApplicableRewrite, NotApplicable, assess_rewrite


@dataclass(frozen=True, slots=True)
class Rewriter:
    """What a rewrite needs of the outside."""

    inspector: ImageInspector
    producer: Producer

    @contextmanager
    def prepare_rewrite(
        self, rule_input: RuleInput, measured: MeasuredImage, base_reference: str
    ) -> Iterator[ApplicableRewrite | NotApplicable]:
        """How the Dockerfile of a built image may be rewritten, as long as its files are open.

        `reference` is the image in the engine, `base` the one that it stands on.
        """
        image, reference = measured.image, measured.reference
        settings = self.inspector.read_settings(reference)
        with self.inspector.open_files(reference) as files:
            world = BuildFacts(
                rule_input=rule_input,
                image=image,
                settings=settings,
                base_settings=self._read_base_settings(base_reference),
                contents=files,
                linker=make_linker(image, files, settings),
                parse_script=self.producer.parser.parse_script,
            )
            yield assess_rewrite(world, self._find_base_candidate)

    def _read_base_settings(self, base_reference: str) -> ContainerConfig:
        """What a base image sets; nothing where the engine does not have it."""
        try:
            return self.inspector.read_settings(base_reference)
        except InputError:
            return ContainerConfig()

    def _find_base_candidate(self, name: str) -> BaseCandidate | None:
        """A base image that can be had; what is in it is known if the engine has it."""
        pins = self.producer.builder.pin_images([name], None)
        if name in pins.unresolved:
            return None
        if name not in pins.diff_ids:
            return BaseCandidate(name)
        measured = self.producer.measurer.measure(name)
        size = measured.unpacked_bytes if isinstance(measured, Image) else None
        with self.inspector.open_files(name) as files:
            packages = frozenset(read_package_graph(files).packages)
        return BaseCandidate(name, self.inspector.read_settings(name), packages, size)


def make_linker(image: Image, files: ImageContents, settings: ContainerConfig) -> DynamicLinker:
    """An image as its loader sees it."""

    @cache
    def elf(path: str) -> ElfInfo | None:
        data = files.read(path)
        return read_elf(data) if data else None

    return DynamicLinker(
        PathResolver(image.tree), elf, read_loader_config(files.read, settings.env)
    )
