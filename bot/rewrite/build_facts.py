"""The facts that the rewriter decides from: a Dockerfile, and the open image built from it."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.advise.deferred_copy import DeferredCopy
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.text_style import TextStyle, read_text_style
from bot.image.open_image import OpenImage
from bot.model.container_config import ContainerConfig
from bot.rewrite.package_graph import PackageGraph, read_package_graph

# An image without USER runs as root.
ROOT_NAMES = ("", "root", "0", "root:root", "0:0")


@dataclass(frozen=True, slots=True)
class BaseCandidate:
    """An image that the last stage may start from: its configuration and its packages.

    `python_distributions` are the `.dist-info` folders in it, without a leading slash.
    """

    name: str
    config: ContainerConfig = field(default_factory=ContainerConfig)
    packages: frozenset[str] = frozenset()
    unpacked_bytes: int | None = None
    python_distributions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class BuildFacts:
    """A Dockerfile with its context, and the image that was built from it.

    `moved_copies` are the copies from the context that the last stage makes, by their lines: the
    instructions for it, None where one moves as it is. `deferred_copy` is made below installs that
    do not need it.
    """

    rule_input: RuleInput
    built: OpenImage
    moved_copies: Mapping[int, tuple[str, ...] | None] = field(default_factory=dict)
    deferred_copy: DeferredCopy | None = None

    @property
    def base_config(self) -> ContainerConfig:
        """The configuration that the image inherits; empty where the base image is unknown."""
        return self.built.base_config or ContainerConfig()

    @cached_property
    def package_graph(self) -> PackageGraph:
        """The packages of its distribution, and what they depend on."""
        return read_package_graph(self.built.files)

    @cached_property
    def text_style(self) -> TextStyle:
        """The style of the Dockerfile, for new lines."""
        return read_text_style(self.rule_input.dockerfile)

    @cached_property
    def last_build_step(self) -> Step | None:
        """The last instruction that created files: what is set after it has no effect on them."""
        for step in reversed(self.rule_input.steps):
            instruction = step.instruction
            is_moved = instruction.line_start in self.moved_copies
            if instruction.keyword in ("COPY", "ADD", "RUN") and not is_moved:
                return step
        return None

    @property
    def build_user(self) -> str:
        """The user of the last instruction that created files."""
        step = self.last_build_step
        return (step.user if step else None) or self.base_config.user

    @cached_property
    def hidden_sizes(self) -> Mapping[str, int]:
        """The sizes of the files that the Dockerfile adds and hides again in a later layer."""
        layers = self.built.image.layers
        return {
            file.path: file.size
            for file in self.built.image.wasted_files
            if not layers[file.shipping_layer].from_base_image
        }

    @property
    def workdir(self) -> str:
        """The working folder as a path of the tree: without a leading slash, empty for the root."""
        return posixpath.normpath(self.built.workdir).strip("/")
