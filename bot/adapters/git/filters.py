"""Files that `.gitattributes` hands to a filter when they are checked out.

No filter runs here: they are programs of whoever checked out, and the files of both revisions must
come out the same everywhere. Git LFS is the exception, see lfs_files.py.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bot.adapters.git.git_command import GitCommand

LFS_FILTER = "lfs"
_FILTER_PATTERN = "(^|[[:blank:]])filter=[^[:space:]]+"
_ENCODING_WORD = "working-tree-encoding"
# `--text`, since git takes a file with a null byte for binary and would print nothing of it.
_SEARCH_OPTIONS = ("--text", "-h", "--only-matching", "--extended-regexp")
# What git's `attr` pathspecs take as a value.
_QUERYABLE_NAME = re.compile(r"[A-Za-z0-9_-]+")


def list_filter_names(git: GitCommand, sha: str) -> tuple[str, ...]:
    """Return the names of all filters in the `.gitattributes` files of a commit."""
    lines = _search_attributes(git, sha, _FILTER_PATTERN)
    names = (line.partition("filter=")[2].strip() for line in lines)
    return tuple(dict.fromkeys(name for name in names if name))


def has_encodings(git: GitCommand, sha: str) -> bool:
    """Return True if the `.gitattributes` files of a commit name encodings of files."""
    return bool(_search_attributes(git, sha, _ENCODING_WORD))


def _search_attributes(git: GitCommand, sha: str, pattern: str) -> Sequence[str]:
    arguments = (*_SEARCH_OPTIONS, pattern, sha, "--", ":(glob)**/.gitattributes")
    result = git.attempt("grep", *arguments)
    if result.status not in (0, 1):  # 1: no line has it
        raise git.make_error("The .gitattributes could not be searched.", result)
    return result.text.split("\n") if result.text else ()


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
    # `cat` as a smudge command changes nothing.
    return bool(commands.get("process")) or commands.get("smudge", "cat") not in ("", "cat")
