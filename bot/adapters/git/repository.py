"""A git repository, read with the git command.

No library: git itself knows transports, attributes and the credentials that a checkout has left.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.adapters.checkout_files import read_regular_file
from bot.adapters.git.record_branch import RecordBranch
from bot.adapters.git.server_access import ServerAccess
from bot.adapters.git.tree_listing import (
    find_entry,
    list_changed_paths,
    list_renames,
    read_blob,
)
from bot.adapters.git.tree_writer import WrittenTree
from bot.adapters.git.working_tree import snapshot_working_tree
from bot.adapters.git.workspace import Workspace, find_root
from bot.adapters.temporary_folders import temporary_folder
from bot.line.worktree import Worktree
from bot.model.since import WalkedCommit
from bot.project.file_tree import FileTree
from bot.project.git_tree import SUBMODULE_MODE_PREFIX
from bot.project.renames import Rename
from bot.pull_request.event import Commit, ComparisonPair


class GitRepository:
    """The port `Git`: reads a clone, and leaves it as it is.

    What it fetches, snapshots and writes is in temporary folders, which `close` removes.
    """

    def __init__(
        self, folder: Path, environment: Mapping[str, str], server_url: str = "", token: str = ""
    ) -> None:
        """Find the repository; raise GitError if `folder` is in none.

        With `token`, fetches from `server_url` may use it.
        """
        self.root = find_root(folder)
        self._workspace = Workspace(self.root, environment, ServerAccess(server_url, token))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        """The name that people know the repository by; empty if it has none that is plain."""
        return self._workspace.clone.name

    def close(self) -> None:
        """Remove everything that was fetched or written."""
        self._workspace.close()

    def resolve_revision(self, name: str) -> Commit:
        """Return the commit of a revision's name."""
        return self._workspace.revisions.resolve(name)

    def resolve_head(self) -> Commit:
        """Return the commit that is checked out."""
        return self.resolve_revision("HEAD")

    def snapshot_working_tree(self) -> Commit:
        """Return the working tree, without ignored files, as a commit on no branch."""
        workspace = self._workspace
        head = workspace.revisions.find_sha("HEAD")
        sha = snapshot_working_tree(workspace.clone, workspace.store, head, workspace.folder)
        return workspace.history.read_commit(sha)

    def is_kept(self, commit: Commit) -> bool:
        """Return True if the clone itself has a commit; one of the working tree is removed."""
        git = self._workspace.clone.command.with_variables(GIT_NO_LAZY_FETCH="1")
        return git.attempt("cat-file", "-e", commit.sha).status == 0

    def fetch_ref(self, name: str) -> Commit:
        """Return the commit of a branch, a tag, a reference or a SHA, fetched where it is missing.

        GitError if the name is none of them.
        """
        return self._workspace.revisions.fetch(name)

    def resolve_pair(self, pair: ComparisonPair) -> tuple[Commit, Commit | None]:
        """Return head and base of a pair, fetched where a shallow clone lacks them."""
        return self._workspace.history.resolve_pair(pair)

    def find_base(self, name: str, head: Commit) -> Commit:
        """Return the commit of a name to compare `head` with, fetched where it is missing.

        Of a branch of a remote, that is the commit at which `head` forked off it.
        """
        return self._workspace.bases.find(name, head)

    def find_default_base(self, head: Commit) -> Commit:
        """Return the commit at which `head` forked off the default branch."""
        return self._workspace.bases.find_default(head)

    def is_ancestor(self, older: Commit, newer: Commit) -> bool:
        """Return True if one commit is part of the other's history."""
        return self._workspace.history.is_ancestor(older.sha, newer.sha)

    def is_in_history(self, revision: str, newer: Commit) -> bool:
        """Return True if a commit's hash is one in the history of another commit."""
        return self._workspace.history.is_in_history(revision, newer.sha)

    def list_first_parents(self, head: Commit, most: int) -> tuple[str, ...]:
        """Return a commit and its first ancestors on the same branch, the newest first.

        A shallow clone gets those that it lacks. GitError if they cannot be had.
        """
        return self._workspace.first_parents.list(head.sha, most)

    def list_commits_since(self, since: str, head: Commit) -> tuple[WalkedCommit, ...]:
        """Return the commits of the branch from a revision or a date on, the oldest first.

        A shallow clone gets those that it lacks. GitError or InputError if `since` is neither.
        """
        return self._workspace.commits.walk(since, head.sha)

    def list_changed_paths(self, start: str, head: str) -> Mapping[str, Sequence[str]]:
        """Return the paths that each commit of a branch behind `start` changes, by its SHA."""
        return list_changed_paths(self._workspace.store.remote, start, head)

    def read_date(self, commit: Commit) -> str:
        """Return the date of a commit in UTC, as in `2026-11-26T15:52:50Z`."""
        return self._workspace.history.read_date(commit.sha)

    def open_record_branch(self, name: str) -> RecordBranch:
        """Open the branch of the remote that records are kept on."""
        return self._workspace.open_record_branch(name)

    def list_files(self, sha: str) -> FileTree:
        """Return every file of a commit: POSIX path to mode and object ID.

        A commit does not change, and each step of a review's plan asks again: it is listed once.
        """
        return self._workspace.list_files(sha)

    def forget_files(self) -> None:
        """Free the memory of all listings of commits."""
        self._workspace.forget_files()

    def find_renames(self, old: str, new: str, paths: Sequence[str]) -> tuple[Rename, ...]:
        """Return the renames between two commits, of these paths alone; each path is in one."""
        return list_renames(self._workspace.store.remote, old, new, paths)

    def read_file(self, sha: str, path: str) -> bytes | None:
        """Return a file of a commit; None if it has no such file.

        GitError for a file that it has and that cannot be read.
        """
        git = self._workspace.store.remote
        entry = find_entry(git, sha, path)
        return None if entry is None or entry.is_submodule else read_blob(git, entry.object_id)

    def read_plain_file(self, sha: str, path: str, max_bytes: int) -> bytes | None:
        """Return a file that a checkout does not convert, line ends aside; None for others."""
        entry = self.list_files(sha).get(path)
        if entry is None or entry.startswith(SUBMODULE_MODE_PREFIX):
            return None
        if self._workspace.attributes.convert(sha, path):
            return None
        return self._workspace.blobs.read_short(entry.partition(" ")[2], max_bytes)

    def find_ignore_rule(self, sha: str, path: str) -> str:
        """Return the rule by which git ignores a path (`FILE, line 1: PATTERN`); else empty."""
        return self._workspace.ignore_rules.find_rule(sha, path)

    @contextmanager
    def temporary_worktree(
        self, sha: str, paths: Collection[str] | None = None
    ) -> Iterator[Worktree]:
        """Yield a folder with a commit's files, submodules included, and remove it afterwards.

        Files that are not at `paths`, if there are any, need not be in it.

        `.git` is not among them, as in BuildKit's own git contexts.
        """
        with temporary_folder() as folder:
            tree = folder / "tree"
            written = self._workspace.write_files(sha, tree, paths)
            notes = tuple(_describe_missing_content(written, sha))
            yield Worktree(
                tree,
                read_regular_file,
                written.lfs_pointers,
                written.submodules,
                tuple(written.unwritable),
                notes,
            )


def _describe_missing_content(written: WrittenTree, sha: str) -> Iterator[str]:
    """Describe the files of a tree that have not the content that the user's checkout has."""
    if written.submodules:
        paths = ", ".join(written.submodules)
        yield f"Contents of submodules of {sha[:12]} are unknown (not checked out): {paths}."
    if written.lfs_problem:
        yield f"Git LFS files of {sha[:12]} could not be fetched: {written.lfs_problem}."
    for name, count in written.filtered.items():
        yield (
            f"The filter {name} is not applied: {count} files of {sha[:12]} are as git stores them."
        )
