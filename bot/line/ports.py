"""Protocols for everything that the line needs from outside: git, builder, engine, files, progress.

Their adapters are in bot/adapters, each with the name of its port in its docstring; bot/wiring.py
joins them. So the line runs in tests without an engine, and an adapter can be replaced alone.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from bot.dockerfile.build_context import BuildContext
from bot.dockerfile.shell_script import Script
from bot.dockerfile.stages import Dockerfile
from bot.image.archives.layer_cache import LayerCache
from bot.image.archives.manifest_resolver import ScannedImage
from bot.image.filesystem.contents import ImageContents
from bot.line.pins import Pins
from bot.line.worktree import PreparedCheckout, Worktree
from bot.model.container_config import ContainerConfig
from bot.model.container_run import ContainerRun
from bot.model.image import BaseImage, BuildFailure, BuiltImage
from bot.model.since import WalkedCommit
from bot.model.spec import ImageSpec
from bot.model.start_settings import NO_SETTINGS, StartSettings
from bot.project.file_tree import FileTree
from bot.project.renames import Rename
from bot.pull_request.event import Commit, ComparisonPair


class Git(Protocol):
    """A repository, which is only read, except for temporary worktrees."""

    def resolve_revision(self, name: str) -> Commit:
        """Return the commit of a revision; GitError if there is none."""
        ...

    def resolve_head(self) -> Commit:
        """Return the commit that is checked out."""
        ...

    def snapshot_working_tree(self) -> Commit:
        """Return the working tree as a commit; files that git ignores are not in it."""
        ...

    def resolve_pair(self, pair: ComparisonPair) -> tuple[Commit, Commit | None]:
        """Return head and base of a pair; GitError if a shallow clone cannot fetch them."""
        ...

    def find_base(self, name: str, head: Commit) -> Commit:
        """Return the commit of a name to compare `head` with; of a remote's branch the fork point.

        What a shallow clone lacks is fetched. GitError if there is none.
        """
        ...

    def find_default_base(self, head: Commit) -> Commit:
        """Return the commit at which `head` forked off the default branch."""
        ...

    def is_ancestor(self, older: Commit, newer: Commit) -> bool:
        """Return True if `older` is in the history of `newer`."""
        ...

    def is_in_history(self, revision: str, newer: Commit) -> bool:
        """Return True if a text is the hash of a commit in the history of another one.

        False for what is no full hash, or of no commit here. A shallow clone fetches what it lacks.
        """
        ...

    def list_first_parents(self, head: Commit, most: int) -> tuple[str, ...]:
        """Return a commit and its first ancestors on the same branch, the newest first.

        GitError if they cannot be had.
        """
        ...

    def list_commits_since(self, since: str, head: Commit) -> tuple[WalkedCommit, ...]:
        """Return the commits of the branch from a revision or a date on, the oldest first.

        A shallow clone gets those that it lacks. GitError or InputError if `since` is neither.
        """
        ...

    def list_changed_paths(self, start: str, head: str) -> Mapping[str, Sequence[str]]:
        """Return the paths that each commit of a branch behind `start` changes, by its SHA.

        Of a merge, those that differ from its first parent.
        """
        ...

    def read_date(self, commit: Commit) -> str:
        """Return the date of a commit in UTC, as in `2026-11-26T15:52:50Z`."""
        ...

    def list_files(self, sha: str) -> FileTree:
        """Return every file of a commit by POSIX path, with its mode and object ID."""
        ...

    def forget_files(self) -> None:
        """Free the memory of all listings of commits."""
        ...

    def find_renames(self, old: str, new: str, paths: Sequence[str]) -> tuple[Rename, ...]:
        """Return the renames between two commits, of these paths alone; each path is in one."""
        ...

    def read_file(self, sha: str, path: str) -> bytes | None:
        """Return the content of a commit's file; None if there is no such file."""
        ...

    def read_plain_file(self, sha: str, path: str, max_bytes: int) -> bytes | None:
        """Return a file that a checkout does not convert, line ends aside.

        None for others, for larger ones, and if there is no such file.
        """
        ...

    def find_ignore_rule(self, sha: str, path: str) -> str:
        """Return the rule by which git ignores a path, as `FILE, line 1: PATTERN`.

        Empty if none does. Only the ignore files of the commit count.
        """
        ...

    def temporary_worktree(
        self, sha: str, paths: Collection[str] | None = None
    ) -> AbstractContextManager[Worktree]:
        """Check out a commit into a temporary folder, which is removed on exit.

        With `paths`, the files at them and all submodules are there, and others need not be.
        """
        ...


class Builder(Protocol):
    """A builder: BuildKit, through buildx."""

    @property
    def description(self) -> str:
        """The name and driver of the builder, for the foot of the report."""
        ...

    def pin_images(self, names: Sequence[str], platform: str | None) -> Pins:
        """Resolve external images, each once in a run."""
        ...

    def pin_digests(self, digests: Mapping[str, str], platform: str | None) -> Pins:
        """Pin external images at digests that they had before.

        Those that cannot be had any more are left out.
        """
        ...

    def find_base_image(self, name: str, platform: str | None) -> BaseImage | None:
        """Return what is known of an image that was pinned; None if it cannot be read."""
        ...

    def prepare(self, spec: ImageSpec, root: Path, label: str) -> PreparedCheckout | BuildFailure:
        """Run the commands of an image in its checkout, once for all images with the same ones."""
        ...

    def build(
        self,
        spec: ImageSpec,
        root: Path,
        pins: Pins,
        label: str,
        dockerfile_text: bytes | None = None,
    ) -> BuiltImage | BuildFailure:
        """Build an image from a checkout into the engine's store.

        `label` is its name in progress lines; `dockerfile_text` replaces the checkout's Dockerfile.
        """
        ...

    def check_dockerfile(
        self, spec: ImageSpec, root: Path, pins: Pins, dockerfile_text: bytes | None = None
    ) -> tuple[str, ...] | None:
        """Return the warnings of BuildKit's checks; None if this buildx has no checks."""
        ...

    def make_context(self, built: BuiltImage) -> str:
        """Return a built image as the value of a named context, for builds of this builder.

        It lasts until the image is removed. ReviewError or OSError if that is not possible.
        """
        ...

    def remove(self, built: BuiltImage) -> None:
        """Untag a built image; the engine deletes it once nothing refers to it."""
        ...


class ImageReader(Protocol):
    """A reader of images in the engine, in registries and in archives."""

    def read(self, reference: str, platform: str | None, layer_cache: LayerCache) -> ScannedImage:
        """Read an image with all its layers, except those that the cache has.

        References are those of containers-transports(5); without a transport, the engine's own.
        InputError if there is no such image, Unreadable or OSError if it cannot be read.
        """
        ...

    def list_platforms(self, reference: str) -> tuple[str, ...]:
        """Return the platforms of an image, without its layers; none where they are not known.

        Raises what `read` raises.
        """
        ...


class ImageInspector(Protocol):
    """An inspector of the engine's images; no container is started."""

    def read_config(self, reference: str) -> ContainerConfig:
        """Return the configuration of an image; InputError if there is no such image."""
        ...

    def open_files(self, reference: str) -> AbstractContextManager[ImageContents]:
        """Open the files of an image; OSError if the engine does not give access to them."""
        ...


class ContainerRunner(Protocol):
    """A runner of images, without a network and under limits."""

    def run(
        self,
        reference: str,
        probe_image: str,
        arguments: Sequence[str] = (),
        timeout_s: float = 10,
        paths: Sequence[str] = (),
        *,
        opens_input: bool = False,
        settings: StartSettings = NO_SETTINGS,
    ) -> ContainerRun:
        """Run an image and return what it does until it ends, listens or `timeout_s` is over.

        A server that listens is asked for `/`, then for `paths`. `arguments` replace its whole
        command line, if there are any. Its standard input is at its end, or with `opens_input` open
        and silent. `settings` are added to those of the image. `probe_image` has a shell: a second
        container of it, in the same network namespace, asks the ports.
        """
        ...


class Parser(Protocol):
    """A parser of Dockerfiles and of shell scripts."""

    def parse(self, data: bytes) -> Dockerfile:
        """Parse a Dockerfile; ValueError if it has no stages."""
        ...

    def parse_script(self, text: str) -> Script:
        """Parse a shell script, as far as it can be parsed."""
        ...


class BuildFilePrinter(Protocol):
    """A reader of compose and bake files: `docker buildx bake --print`."""

    def print_targets(self, files: Mapping[str, bytes], folder: str, names: Sequence[str]) -> bytes:
        """Return what the files `names`, below `folder`, declare, as JSON.

        `files` are all that there are to read, by paths in the repository. BuildFileMistake, with
        the reason, if they cannot be read.
        """
        ...


class BuildContextReader(Protocol):
    """A reader of the folders that builds copy from."""

    def read(self, dockerfile: Path, folder: Path, root: Path) -> BuildContext:
        """List the build context of a Dockerfile; files that cannot be read are left out.

        Nothing that links lead to outside of `root` is read.
        """
        ...


class Progress(Protocol):
    """A display of progress for people."""

    def step(self, text: str) -> AbstractContextManager[Callable[[str], None]]:
        """Show a step as long as the context lasts; call what it yields with its current line."""
        ...

    def write_line(self, text: str) -> None:
        """Write a line that stays."""
        ...

    def write_warning(self, text: str) -> None:
        """Write a line on what went wrong, even if no progress is shown."""
        ...
