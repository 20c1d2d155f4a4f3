"""Writes the files of a revision into a folder, as a new clone on Linux would have them.

`git worktree add` would take the sparse patterns, filters and hooks of the user's clone along, and
write to its `.git`. Here git reads from a store of our own, which has its own configuration.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bot.adapters.git.clone import Clone
from bot.adapters.git.filters import (
    LFS_FILTER,
    has_encodings,
    list_filter_names,
    list_filtered_files,
    select_unapplied,
)
from bot.adapters.git.git_command import GitCommand
from bot.adapters.git.lfs_files import LfsObjects
from bot.adapters.git.lfs_pointers import read_pointers
from bot.adapters.git.lfs_server import LfsServer
from bot.adapters.git.submodules import read_submodules
from bot.adapters.git.tree_listing import TreeEntry, list_tree
from bot.adapters.git.tree_source import SubmoduleOpener, TreeSource
from bot.adapters.git.unwritable_files import list_unwritable, store_tree_without

# With several, git 2.39 takes an encoding from memory that it has freed: such files come out as
# they are stored, or in another encoding.
_ONE_WORKER = (("checkout.workers", "1"),)


@dataclass
class WrittenTree:
    """The files of a tree that have not the content of a checkout, by their paths.

    `lfs_pointers` maps a path to the object ID of the pointer; `submodules` maps a folder that is
    empty, since the user's checkout lacks the submodule, to its commit; `filtered` maps the name
    of a filter to the number of its files. `unwritable` are the paths that are not there, as they
    are longer than the file system allows.
    """

    lfs_pointers: dict[str, str] = field(default_factory=dict)
    lfs_problem: str = ""
    submodules: dict[str, str] = field(default_factory=dict)
    filtered: dict[str, int] = field(default_factory=dict)
    unwritable: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Target:
    """A folder that a commit is written to, and git with the index of it."""

    sha: str
    git: GitCommand
    folder: Path
    prefix: str


class TreeWriter:
    """Writes trees of a clone and its submodules; `folder` is new and holds what it needs."""

    def __init__(self, source: TreeSource, clone: Clone, opener: SubmoduleOpener, folder: Path):
        self._source, self._clone, self._opener, self._folder = source, clone, opener, folder
        self._empty = folder / "empty"
        self._empty.mkdir(parents=True)
        self._numbers = count()

    def write(self, sha: str, folder: Path) -> WrittenTree:
        """Write a commit, or a tree, and its submodules into a new folder."""
        result = WrittenTree()
        folder.mkdir()
        self._write(self._source, sha, folder, result)
        return result

    def _write(
        self, source: TreeSource, sha: str, folder: Path, result: WrittenTree, prefix: str = ""
    ) -> None:
        index = self._folder / f"index-{next(self._numbers)}"
        git = source.store.remote.with_variables(GIT_INDEX_FILE=index, GIT_WORK_TREE=folder)
        tree = list_tree(git, sha)
        unwritable = list_unwritable(tree, folder)
        result.unwritable += [f"{prefix}{path}" for path in unwritable]
        written = sha
        if unwritable:
            without = self._folder / f"without-{next(self._numbers)}"
            written = store_tree_without(git, sha, unwritable, without)
        if any(path.endswith(".gitattributes") for path in tree):
            workers = _ONE_WORKER if has_encodings(git, sha) else ()
            git.with_settings(*workers).run("read-tree", "-m", "-u", written)
            self._handle_filters(source, tree, _Target(sha, git, folder, prefix), result)
        else:
            git.run("read-tree", "-m", "-u", written)
        for submodule in read_submodules(git, tree):
            if submodule.path in unwritable:
                continue
            path = f"{prefix}{submodule.path}"
            if source.includes(submodule):
                nested = self._opener.open(source, submodule)
                nested.store.prefetch_trees(submodule.commit)
                self._write(nested, submodule.commit, folder / submodule.path, result, f"{path}/")
            else:
                result.submodules[path] = submodule.commit

    def _handle_filters(
        self,
        source: TreeSource,
        tree: Mapping[str, TreeEntry],
        target: _Target,
        result: WrittenTree,
    ) -> None:
        """Fill in Git LFS files, and count those of the other filters."""
        names = list_filter_names(target.git, target.sha)
        for name in select_unapplied(names, self._clone.filters):
            files = list_filtered_files(target.git, name, self._empty)
            result.filtered[name] = result.filtered.get(name, 0) + len(files)
        if LFS_FILTER in names:
            self._fill_lfs_files(source, tree, target, result)

    def _fill_lfs_files(
        self,
        source: TreeSource,
        tree: Mapping[str, TreeEntry],
        target: _Target,
        result: WrittenTree,
    ) -> None:
        paths = list_filtered_files(target.git, LFS_FILTER, self._empty)
        pointers = read_pointers(target.folder, paths)
        remaining = tuple(pointers)
        if self._clone.uses_lfs:
            filled = self._open_lfs_objects(source).fill(target.folder, pointers)
            remaining = filled.pointers
            result.lfs_problem = result.lfs_problem or filled.problem
        result.lfs_pointers |= {target.prefix + x: tree[x].object_id for x in remaining}

    def _open_lfs_objects(self, source: TreeSource) -> LfsObjects:
        folders = (source.clone.lfs_folder,) if source.clone else ()
        server = LfsServer(source.store.remote, source.url, source.store.remote.environment)
        return LfsObjects(folders, self._folder / "lfs", server if source.url else None)
