"""The parts of an open repository: the user's clone, a store of our own, a writer of trees."""

from collections.abc import Collection, Mapping
from contextlib import ExitStack
from functools import cached_property
from itertools import count
from pathlib import Path

from bot.adapters.git.attributes import Attributes
from bot.adapters.git.base_finder import BaseFinder
from bot.adapters.git.blob_reader import BlobReader
from bot.adapters.git.clone import Clone
from bot.adapters.git.commit_walk import CommitWalk
from bot.adapters.git.first_parents import FirstParents
from bot.adapters.git.git_command import GitCommand, make_git_environment
from bot.adapters.git.history import History
from bot.adapters.git.ignore_rules import IgnoreRuleFinder
from bot.adapters.git.object_store import ObjectStore, create_object_store
from bot.adapters.git.partial_trees import PartialTrees
from bot.adapters.git.record_branch import RecordBranch
from bot.adapters.git.revision_names import RevisionFinder
from bot.adapters.git.server_access import ServerAccess
from bot.adapters.git.tree_listing import list_files, patch_files
from bot.adapters.git.tree_source import SubmoduleOpener, TreeSource
from bot.adapters.git.tree_writer import TreeWriter, WrittenTree
from bot.adapters.temporary_folders import temporary_folder
from bot.errors import GitError, InputError
from bot.project.file_tree import FileTree


class Workspace:
    """A clone that is only read, and a temporary folder for all that is fetched or written.

    Each part is made when it is first needed; `close` removes the folder.
    """

    def __init__(self, root: Path, environment: Mapping[str, str], access: ServerAccess) -> None:
        self.root, self._access = root, access
        self._environment = make_git_environment(environment)
        self.clone = Clone(_make_clone_command(root, self._environment))
        self._resources = ExitStack()
        self._listings: dict[str, FileTree] = {}
        self._numbers = count()

    def close(self) -> None:
        """Remove everything that was fetched or written."""
        self._resources.close()

    @cached_property
    def folder(self) -> Path:
        """Return the temporary folder."""
        return self._resources.enter_context(temporary_folder())

    @cached_property
    def store(self) -> ObjectStore:
        """Return the store of objects that reads those of the clone, too."""
        git = GitCommand(self.root, self._environment)
        settings = self._access.make_settings(self.clone)
        return create_object_store(self.folder / "store", git, settings, self.clone.layout)

    @cached_property
    def history(self) -> History:
        """Return the commits of the clone and of its remote."""
        return History(self.store)

    @cached_property
    def first_parents(self) -> FirstParents:
        """Return the reader of a branch's own commits."""
        return FirstParents(self.store, lambda: self._create_store("commits"))

    def open_record_branch(self, name: str) -> RecordBranch:
        """Open a branch of records in a store of its own, which is shallow."""
        return RecordBranch(self._create_store(f"records-{next(self._numbers)}"), name)

    def _create_store(self, name: str) -> ObjectStore:
        """Create an empty store that fetches from the clone's remote."""
        git = GitCommand(self.root, self._environment)
        settings = self._access.make_settings(self.clone)
        object_format = self.clone.layout.object_format
        return create_object_store(self.folder / name, git, settings, object_format=object_format)

    @cached_property
    def revisions(self) -> RevisionFinder:
        """Return the names of revisions."""
        return RevisionFinder(self.clone, self.store, self.history)

    @cached_property
    def commits(self) -> CommitWalk:
        """Return the lister of a branch's commits since a revision or a date."""
        return CommitWalk(self.store, self.history, self.revisions)

    @cached_property
    def bases(self) -> BaseFinder:
        """Return the commits that heads are compared with."""
        return BaseFinder(self.clone, self.store, self.history, self.revisions)

    @cached_property
    def attributes(self) -> Attributes:
        """Return the attributes of commits."""
        folder = self.folder / "indexes"
        return Attributes(self.store.remote, folder, self.blobs, self.list_files)

    @cached_property
    def blobs(self) -> BlobReader:
        """Return the reader of files by their object IDs."""
        return self._resources.enter_context(BlobReader(self.store.local, self.store.remote))

    def list_files(self, sha: str) -> FileTree:
        """Return every file of a commit; it is listed once."""
        if sha not in self._listings:
            self.store.prefetch_trees(sha)
            self._listings[sha] = self._list_new(sha)
        return self._listings[sha]

    def forget_files(self) -> None:
        """Free the memory of all listings; they are made again where they are needed."""
        self._listings.clear()

    def _list_new(self, sha: str) -> FileTree:
        # Any commit will do: the differences of two are far shorter than a listing.
        for old, tree in self._listings.items():
            return patch_files(self.store.remote, tree, old, sha)
        return list_files(self.store.remote, sha)

    @cached_property
    def ignore_rules(self) -> IgnoreRuleFinder:
        """Return the rules by which git ignores files of commits."""
        return IgnoreRuleFinder(self.store.remote, self.folder / "ignore-files")

    def write_files(
        self, sha: str, folder: Path, paths: Collection[str] | None = None
    ) -> WrittenTree:
        """Write a commit into a new folder, or of it at least the files at some paths."""
        self.store.prefetch_trees(sha)
        tree = sha if paths is None else self._partial_trees.store_part(sha, paths)
        return self._writer.write(tree, folder)

    @cached_property
    def _partial_trees(self) -> PartialTrees:
        folder = self.folder / "partial-trees"
        return PartialTrees(self.store, folder, self.attributes, self.list_files)

    @cached_property
    def _writer(self) -> TreeWriter:
        source = TreeSource(self.store, self.clone.url, self.clone, self.root)
        opener = SubmoduleOpener(
            self.folder / "submodules", self.clone, self._access, self._environment
        )
        return TreeWriter(source, self.clone, opener, self.folder / "trees")


def find_root(folder: Path) -> Path:
    """Return the top folder of the repository that a folder is in; GitError if it is in none."""
    if not folder.is_dir():
        raise InputError(
            f"There is no folder {str(folder)!r}.", fix="give --repo an existing folder"
        )
    resolved = folder.resolve()
    for path in (resolved, *resolved.parents):
        if (path / ".git").exists():
            return path
    raise GitError(
        f"{str(folder)!r} is not in a git repository.",
        fix="give --repo the folder of a clone; in a workflow, run actions/checkout first",
    )


def _make_clone_command(root: Path, environment: Mapping[str, str]) -> GitCommand:
    """Return git in the user's clone, which is trusted by its exact path: its owner may differ."""
    settings = (
        ("safe.directory", str(root)),
        # These would start programs that the clone's configuration names, or write to the clone.
        ("core.hooksPath", "/dev/null"),
        ("core.fsmonitor", "false"),
        ("gc.auto", "0"),
    )
    return GitCommand(root, environment, settings)
