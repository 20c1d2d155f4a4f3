"""Files that `.gitattributes` hands to a filter when they are checked out.

No filter runs here: they are programs of whoever checked out, and the files of both revisions must
come out the same everywhere. Git LFS is the exception, see lfs_files.py.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from bot.adapters.git.git_command import GitCommand
from bot.adapters.git.tree_listing import TreeEntry, read_blob

LFS_FILTER = "lfs"
_FILTER_NAME = re.compile(rb"(?:^|[ \t])filter=([^\s]+)", re.MULTILINE)
# What git's `attr` pathspecs take as a value.
_QUERYABLE_NAME = re.compile(r"[A-Za-z0-9_-]+")


def list_filter_names(git: GitCommand, tree: Mapping[str, TreeEntry]) -> tuple[str, ...]:
    """Return the names of all filters in the `.gitattributes` files of a tree."""
    texts = (
        read_blob(git, entry.object_id)
        for path, entry in tree.items()
        if PurePosixPath(path).name == ".gitattributes" and entry.is_regular_file
    )
    names = (match[1] for text in texts for match in _FILTER_NAME.finditer(text))
    return tuple(dict.fromkeys(name.decode(errors="surrogateescape") for name in names))


def list_filtered_files(git: GitCommand, name: str, empty_folder: Path) -> tuple[str, ...]:
    """Return the files of an index that have a filter; none if git cannot look for its name.

    Attributes are those of the index: no file in the empty folder can change them.
    """
    if not _QUERYABLE_NAME.fullmatch(name):
        return ()
    in_index = git.with_variables(GIT_WORK_TREE=empty_folder)
    listing = in_index.run("ls-files", "-z", "--", f":(attr:filter={name})").stdout
    return tuple(path for path in listing.decode(errors="surrogateescape").split("\0") if path)


def select_unapplied(
    names: Iterable[str], configured: Mapping[str, Mapping[str, str]]
) -> tuple[str, ...]:
    """Return the filters that would change a file in the user's own checkout."""
    return tuple(name for name in names if name != LFS_FILTER and _changes(configured.get(name)))


def _changes(commands: Mapping[str, str] | None) -> bool:
    commands = commands or {}
    return bool(commands.get("process")) or commands.get("smudge", "cat") not in ("", "cat")
