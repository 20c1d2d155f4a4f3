"""What the line needs of the outside world. Each port has one adapter, of the same name, in edge/."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bot.dockerfile.build_context import Context
from bot.dockerfile.shell_script import Script
from bot.dockerfile.stages import Dockerfile
from bot.image.archives.layer_cache import Shelf
from bot.image.archives.manifest_resolver import Archive
from bot.image.filesystem.contents import Contents
from bot.model.container_config import Settings
from bot.model.container_run import Run
from bot.model.image import BuildFailed, Built
from bot.model.spec import ImageSpec
from bot.project.image_plan import Tree
from bot.pull_request.event import Commit, Sides


@dataclass(frozen=True, slots=True)
class Pins:
    """What each foreign image of a Dockerfile was resolved to, once for both sides.

    `resolved` maps a name as written to a reference that cannot drift; `layers` gives the diff IDs
    of those that the engine has; `unresolved` names the rest, each with the reason.
    """

    resolved: Mapping[str, str] = field(default_factory=dict)
    layers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unresolved: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Worktree:
    """A commit's files, and which of them are Git LFS pointers where the content should be."""

    root: Path
    lfs_pointers: tuple[str, ...] = ()


class Git(Protocol):
    """A repository, read only but for worktrees of our own."""

    def resolve(self, name: str) -> Commit:
        """The commit of a revision's name; GitFailed if there is none."""
        ...

    def checkout(self) -> Commit:
        """The commit that is checked out in the user's work tree."""
        ...

    def snapshot(self) -> Commit:
        """The work tree as it stands, without what git ignores, as a commit."""
        ...

    def settle(self, sides: Sides) -> tuple[Commit, Commit | None]:
        """Head and base of a pair, fetching what a shallow clone lacks; GitFailed if it can't."""
        ...

    def default_base(self, head: Commit) -> Commit:
        """Where `head` forked off the default branch."""
        ...

    def is_ancestor(self, older: Commit, newer: Commit) -> bool:
        """Whether one commit is part of the other's history."""
        ...

    def tree(self, sha: str) -> Tree:
        """Every file of a commit: POSIX path -> mode and object ID."""
        ...

    def read(self, sha: str, path: str) -> bytes | None:
        """A file of a commit; None if it has none of that path."""
        ...

    def worktree(self, sha: str) -> AbstractContextManager[Worktree]:
        """A commit's files in a folder of their own, gone afterwards."""
        ...


class Builder(Protocol):
    """BuildKit."""

    @property
    def description(self) -> str:
        """The builder's name and driver, for the foot of the report."""
        ...

    def pin(self, names: Sequence[str], platform: str | None) -> Pins:
        """Resolves foreign images once."""
        ...

    def build(
        self,
        spec: ImageSpec,
        root: Path,
        pins: Pins,
        label: str,
        dockerfile: bytes | None = None,
    ) -> Built | BuildFailed:
        """Builds an image from a worktree into the engine's store; `label` names it to people. A text
        given stands in the place of the Dockerfile's own."""
        ...

    def warnings(
        self, spec: ImageSpec, root: Path, pins: Pins, dockerfile: bytes | None = None
    ) -> tuple[str, ...] | None:
        """What BuildKit's own checks say of a Dockerfile; None where there are none."""
        ...

    def discard(self, built: Built) -> None:
        """Takes our name off an image; what nothing else names is deleted."""
        ...


class Images(Protocol):
    """Images that exist, wherever they are kept."""

    def read(self, reference: str, platform: str | None, shelf: Shelf) -> Archive:
        """An image with all its layers; those on the shelf are not read again.

        References are those of containers-transports(5); without a transport, the engine's own.
        BadInput if there is none of that name, Unreadable or OSError if it cannot be read.
        """
        ...


class Looks(Protocol):
    """Looks into images that the engine has, without starting anything."""

    def settings(self, reference: str) -> Settings:
        """How an image wants to be run; BadInput if there is none of that name."""
        ...

    def files(self, reference: str) -> AbstractContextManager[Contents]:
        """The files of an image; OSError where the engine does not show them."""
        ...


class Starter(Protocol):
    """Starts images without a network and under limits, and looks what they do."""

    def start(
        self, reference: str, probe: str, arguments: Sequence[str] = (), patience: float = 10
    ) -> Run:
        """What a container does with `arguments` in the place of its whole command line, if any.

        It is watched until it ends, listens, or `patience` seconds are over. `probe` is an image with
        a shell that looks at its ports from beside it.
        """
        ...


class Parser(Protocol):
    """Reads Dockerfiles, and the shell scripts that go with them."""

    def parse(self, text: bytes) -> Dockerfile:
        """The stages of a Dockerfile; ValueError if it has none."""
        ...

    def script(self, text: str) -> Script:
        """The commands of a shell script."""
        ...


class Contexts(Protocol):
    """The folders that builds copy from."""

    def read(self, dockerfile: Path, folder: Path) -> Context:
        """The context of a Dockerfile; what cannot be read is not in it."""
        ...


class Screen(Protocol):
    """Where progress is shown."""

    def step(self, text: str) -> AbstractContextManager[Callable[[str], None]]:
        """A step of work; what it yields takes the step's current line."""
        ...

    def say(self, text: str) -> None:
        """A line that stays."""
        ...
