"""A git directory of our own: it reads the objects of a clone, and what is fetched stays in it.

Its own configuration is all that holds there: sparse patterns, filters, hooks and line ends of
whoever checked out do not shape the trees that are written from it.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.git.clone import CloneLayout
from bot.adapters.git.git_command import GitCommand, Setting

# As in a new clone on Linux. `workers = 0` means as many as there are processors.
_CONFIG = """\
[core]
\trepositoryformatversion = 1
\tbare = true
\tfilemode = true
\tsymlinks = true
\tignorecase = false
\tautocrlf = false
\tattributesFile = /dev/null
\thooksPath = /dev/null
\tfsmonitor = false
\tsparseCheckout = false
[checkout]
\tworkers = 0
[gc]
\tauto = 0
[maintenance]
\tauto = false
[fetch]
\twriteCommitGraph = false
\tfsckObjects = false
[extensions]
\tobjectFormat = {object_format}
"""
_PARTIAL_FILTER_KEY = "remote.origin.partialclonefilter"
# `--refetch` (git 2.36), since git would not ask again for a commit that is there.
_TREES_OPTIONS = ("--quiet", "--no-tags", "--refetch", "--depth=1", "--filter=blob:none")
# Neither the system's nor the user's configuration: these may name filters and hooks.
_OWN_VARIABLES = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
}


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """A git directory of our own.

    `local` never asks a server; `remote` has the credentials, and git fetches with it what a
    partial clone lacks.
    """

    folder: Path
    local: GitCommand
    remote: GitCommand
    object_format: str
    partial_filter: str = ""

    @property
    def objects(self) -> Path:
        """The folder of its objects."""
        return self.folder / "objects"

    def has_commit(self, sha: str) -> bool:
        """Return True if a commit is there, without a fetch."""
        return self.local.attempt("cat-file", "-e", f"{sha}^{{commit}}").status == 0

    def is_shallow(self) -> bool:
        """Return True if the history ends early."""
        return (self.folder / "shallow").is_file()

    def prefetch_trees(self, sha: str) -> None:
        """Fetch all folders of a commit at once, where a partial clone lacks them.

        Without this, git asks the server for each folder by itself, and still does if this fails.
        """
        if not self.partial_filter.startswith("tree:"):
            return
        # In a git directory apart, since `--depth` cuts the history where it fetches to.
        folder = self.folder / f"trees-{sha}"
        if not folder.exists():
            _create_git_directory(folder, self.object_format)
            git = self.remote.with_variables(GIT_DIR=folder, GIT_OBJECT_DIRECTORY=self.objects)
            git.attempt("fetch", *_TREES_OPTIONS, "--end-of-options", "origin", sha)


def create_object_store(
    folder: Path,
    git: GitCommand,
    settings: Sequence[Setting],
    layout: CloneLayout | None = None,
    object_format: str = "",
) -> ObjectStore:
    """Create an empty store in a new folder, on the objects of a clone if there is one.

    `git` is a git command with the folder and the environment to run in, and `settings` are those
    that fetches need.
    """
    object_format = layout.object_format if layout else object_format
    _create_git_directory(folder, object_format)
    if layout:
        # The clone's objects are read where they are: gitrepository-layout(5).
        (folder / "objects/info/alternates").write_bytes(_quote_path(layout.objects) + b"\n")
    if layout and layout.shallow.is_file():
        # Without it, git would call the missing parents of a shallow clone a damage.
        shutil.copyfile(layout.shallow, folder / "shallow")
    environment = {**git.environment, **_OWN_VARIABLES, "GIT_DIR": str(folder)}
    local = GitCommand(git.folder, environment, timeout_s=git.timeout_s)
    filters = [value for key, value in settings if key == _PARTIAL_FILTER_KEY]
    return ObjectStore(
        folder, local, local.with_settings(*settings), object_format, "".join(filters[-1:])
    )


def _create_git_directory(folder: Path, object_format: str) -> None:
    for name in ("objects/info", "refs"):
        (folder / name).mkdir(parents=True)
    (folder / "HEAD").write_text("ref: refs/heads/none\n")
    (folder / "config").write_text(_CONFIG.format(object_format=object_format))


def _quote_path(path: Path) -> bytes:
    r"""Return a path as git's C-style quoted text, in which a line end is `\n`."""
    escapes = {b"\\": b"\\\\", b'"': b'\\"', b"\n": b"\\n"}
    text = os.fsencode(path)
    for character, escape in escapes.items():
        text = text.replace(character, escape)
    return b'"' + text + b'"'
