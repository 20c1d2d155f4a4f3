"""The files of commits, listed, compared and read from an object store."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.adapters.git.git_command import GitCommand
from bot.project.file_tree import FileTree, patch_tree
from bot.project.renames import Rename
from bot.project.sorted_listing import SortedListing

# -B: a rewritten file is a source, too; -M50% is git's own default; -l0: any number of files.
_RENAME_OPTIONS = ("-r", "-z", "--name-status", "--diff-filter=R", "-B", "-M50%", "-l0")
# Submodules as well, which `ignore = all` in .gitmodules would leave out: gitmodules(5).
_CHANGE_OPTIONS = ("-r", "-z", "--raw", "--full-index", "--no-renames", "--ignore-submodules=none")
# In front of each commit: no path has a null byte, nor can it be empty.
_COMMIT_MARK = "\0\0commit "
_LOG_OPTIONS = (
    *("--first-parent", "--diff-merges=first-parent", "--no-show-signature", "--no-renames"),
    *("--name-only", "-z", "--format=%x00%x00commit %H"),
)
_NO_MODE = "000000"
_SUBMODULE_MODE = "160000"


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """An entry of a commit's tree: a file, a symbolic link or a submodule."""

    mode: str
    object_id: str

    @property
    def is_submodule(self) -> bool:
        """True for the commit of a submodule."""
        return self.mode == _SUBMODULE_MODE

    @property
    def is_regular_file(self) -> bool:
        """True for a file that is neither a link nor a submodule."""
        return self.mode.startswith("100")


def list_tree(git: GitCommand, sha: str) -> Mapping[str, TreeEntry]:
    """Return every file of a commit by its path."""
    listing = git.run("ls-tree", "-r", "-z", "--full-tree", sha).stdout
    return dict(_read_entries(listing))


def list_files(git: GitCommand, sha: str) -> FileTree:
    """Return every file of a commit: POSIX path to mode and object ID."""
    listing = git.run("ls-tree", "-r", "-z", "--full-tree", sha).stdout
    return FileTree(SortedListing(listing, is_from_git=True))


def patch_files(git: GitCommand, tree: FileTree, old: str, new: str) -> FileTree:
    """Return every file of a commit, given those of another one: most are the same."""
    revisions = ("--end-of-options", old, new)
    fields = git.run("diff-tree", *_CHANGE_OPTIONS, *revisions).text.split("\0")
    changes: dict[str, str | None] = {}
    for metadata, path in zip(fields[::2], fields[1::2], strict=False):
        _, mode, _, object_id, _ = metadata.split(" ")
        changes[path] = None if mode == _NO_MODE else f"{mode} {object_id}"
    return patch_tree(tree, changes)


def list_changed_paths(git: GitCommand, start: str, head: str) -> Mapping[str, Sequence[str]]:
    """Return the paths that each first parent of `head` behind `start` changes, by its SHA."""
    range_options = ("--end-of-options", head, f"^{start}")
    listing = git.run("log", *_LOG_OPTIONS, *range_options).stdout
    changes: dict[str, Sequence[str]] = {}
    for part in listing.decode(errors="surrogateescape").split(_COMMIT_MARK)[1:]:
        sha, *paths = part.split("\0")
        changes[sha] = [path.lstrip("\n") for path in paths if path.strip("\n")]
    return changes


def find_entry(git: GitCommand, sha: str, path: str) -> TreeEntry | None:
    """Return the entry of a path in a commit; None if it has none, or has a folder there."""
    literal = git.with_variables(GIT_LITERAL_PATHSPECS="1")
    listing = literal.run("ls-tree", "-z", "--full-tree", sha, "--", path).stdout
    return dict(_read_entries(listing)).get(path)


def read_blob(git: GitCommand, object_id: str) -> bytes:
    """Return the content of a file; GitError if it cannot be had."""
    return git.run("cat-file", "blob", object_id).stdout


def read_short_blob(git: GitCommand, object_id: str, max_bytes: int) -> bytes | None:
    """Return the content of a file; None for a larger one, GitError if it cannot be had."""
    size = int(git.run("cat-file", "-s", object_id).text)
    return read_blob(git, object_id) if size <= max_bytes else None


def list_renames(git: GitCommand, old: str, new: str, paths: Sequence[str]) -> tuple[Rename, ...]:
    """Return the renames between two commits, of these paths alone; each path is in one."""
    literal = git.with_variables(GIT_LITERAL_PATHSPECS="1")
    revisions = ("--end-of-options", old, new, "--", *paths)
    listing = literal.run("diff-tree", *_RENAME_OPTIONS, *revisions).stdout
    fields = listing.decode(errors="surrogateescape").split("\0")
    triples = zip(fields[::3], fields[1::3], fields[2::3], strict=False)
    return tuple(Rename(int(status[1:]), source, target) for status, source, target in triples)


def _read_entries(listing: bytes) -> Iterator[tuple[str, TreeEntry]]:
    for path, metadata in _split_listing(listing):
        mode, kind, object_id = metadata.split(" ")
        if kind != "tree":
            yield path, TreeEntry(mode, object_id)


def _split_listing(listing: bytes) -> Iterator[tuple[str, str]]:
    """Yield path and metadata of each entry."""
    for line in listing.decode(errors="surrogateescape").split("\0"):
        metadata, _, path = line.partition("\t")
        if path:
            yield path, metadata
