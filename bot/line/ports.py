"""Protocols for everything that the line needs from outside: git, builder, engine, files, progress.

Their adapters are in bot/adapters, each with the name of its port in its docstring; bot/wiring.py
joins them. So the line can be tested without an engine, and an adapter replaced without touching it.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bot.dockerfile.build_context import BuildContext
from bot.dockerfile.shell_script import Script
from bot.dockerfile.stages import Dockerfile
from bot.image.archives.layer_cache import LayerCache
from bot.image.archives.manifest_resolver import ScannedImage
from bot.image.filesystem.contents import ImageContents
from bot.model.container_config import ContainerConfig
from bot.model.container_run import ContainerRun
from bot.model.image import BuildFailure, BuiltImage
from bot.model.spec import ImageSpec
from bot.project.image_plan import GitTree
from bot.pull_request.event import Commit, ComparisonPair


@dataclass(frozen=True, slots=True)
class Pins:
    """What each foreign image of a Dockerfile was resolved to, once for both sides.

    `resolved` maps a name as written to a reference that cannot drift; `layers` gives the diff IDs
    of those that the engine has; `unresolved` names the rest, each with the reason.
    """

    resolved: Mapping[str, str] = field(default_factory=dict)
    diff_ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unresolved: Mapping[str, str] = field(default_factory=dict)

    def merge(self, other: "Pins") -> "Pins":
        """Return the pins of both; where both have an image, those of `other`."""
        return Pins(
            {**self.resolved, **other.resolved},
            {**self.diff_ids, **other.diff_ids},
            {**self.unresolved, **other.unresolved},
        )


@dataclass(frozen=True, slots=True)
class Worktree:
    """A commit's files, and which of them are Git LFS pointers where the content should be."""

    root: Path
    lfs_pointers: tuple[str, ...] = ()


class Git(Protocol):
    """A repository, read only but for worktrees of our own."""

    def resolve_revision(self, name: str) -> Commit:
        """The commit of a revision's name; GitError if there is none."""
        ...

    def resolve_head(self) -> Commit:
        """The commit that is checked out in the user's work tree."""
        ...

    def snapshot_working_tree(self) -> Commit:
        """The work tree as it stands, without what git ignores, as a commit."""
        ...

    def resolve_pair(self, pair: ComparisonPair) -> tuple[Commit, Commit | None]:
        """Head and base of a pair, fetching what a shallow clone lacks; GitError if it can't."""
        ...

    def find_default_base(self, head: Commit) -> Commit:
        """Where `head` forked off the default branch."""
        ...

    def is_ancestor(self, older: Commit, newer: Commit) -> bool:
        """Whether one commit is part of the other's history."""
        ...

    def list_files(self, sha: str) -> GitTree:
        """Every file of a commit: POSIX path -> mode and object ID."""
        ...

    def read_file(self, sha: str, path: str) -> bytes | None:
        """A file of a commit; None if it has none of that path."""
        ...

    def temporary_worktree(self, sha: str) -> AbstractContextManager[Worktree]:
        """A commit's files in a folder of their own, gone afterwards."""
        ...


class Builder(Protocol):
    """BuildKit."""

    @property
    def description(self) -> str:
        """The builder's name and driver, for the foot of the report."""
        ...

    def pin_images(self, names: Sequence[str], platform: str | None) -> Pins:
        """Resolves foreign images once."""
        ...

    def build(
        self,
        spec: ImageSpec,
        root: Path,
        pins: Pins,
        label: str,
        dockerfile_text: bytes | None = None,
    ) -> BuiltImage | BuildFailure:
        """Builds an image from a worktree into the engine's store; `label` names it to people. A text
        given stands in the place of the Dockerfile's own."""
        ...

    def check_dockerfile(
        self, spec: ImageSpec, root: Path, pins: Pins, dockerfile_text: bytes | None = None
    ) -> tuple[str, ...] | None:
        """What BuildKit's own checks say of a Dockerfile; None where there are none."""
        ...

    def remove(self, built: BuiltImage) -> None:
        """Takes our name off an image; what nothing else names is deleted."""
        ...


class ImageReader(Protocol):
    """Images that exist, wherever they are kept."""

    def read(self, reference: str, platform: str | None, layer_cache: LayerCache) -> ScannedImage:
        """An image with all its layers; those on the shelf are not read again.

        References are those of containers-transports(5); without a transport, the engine's own.
        InputError if there is none of that name, Unreadable or OSError if it cannot be read.
        """
        ...


class ImageInspector(Protocol):
    """Looks into images that the engine has, without starting anything."""

    def read_config(self, reference: str) -> ContainerConfig:
        """How an image wants to be run; InputError if there is none of that name."""
        ...

    def open_files(self, reference: str) -> AbstractContextManager[ImageContents]:
        """The files of an image; OSError where the engine does not show them."""
        ...


class ContainerRunner(Protocol):
    """Starts images without a network and under limits, and looks what they do."""

    def run(
        self, reference: str, probe_image: str, arguments: Sequence[str] = (), timeout_s: float = 10
    ) -> ContainerRun:
        """What a container does with `arguments` in the place of its whole command line, if any.

        It is watched until it ends, listens, or `patience` seconds are over. `probe` is an image with
        a shell that looks at its ports from beside it.
        """
        ...


class Parser(Protocol):
    """Reads Dockerfiles, and the shell scripts that go with them."""

    def parse_dockerfile(self, text: bytes) -> Dockerfile:
        """The stages of a Dockerfile; ValueError if it has none."""
        ...

    def parse_script(self, text: str) -> Script:
        """The commands of a shell script."""
        ...


class BuildContextReader(Protocol):
    """The folders that builds copy from."""

    def read(self, dockerfile: Path, folder: Path) -> BuildContext:
        """The context of a Dockerfile; what cannot be read is not in it."""
        ...


class Progress(Protocol):
    """Where progress is shown."""

    def step(self, text: str) -> AbstractContextManager[Callable[[str], None]]:
        """A step of work; what it yields takes the step's current line."""
        ...

    def write_line(self, text: str) -> None:
        """A line that stays."""
        ...
