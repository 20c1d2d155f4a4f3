"""The attributes by which a checkout has other bytes than the commit."""

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from bot.adapters.git.blob_reader import BlobReader
from bot.adapters.git.git_command import GitCommand
from bot.project.file_tree import FileTree

# Not `text` and `eol`: what they change, a reader of lines does not notice.
_CONVERSIONS = ("filter", "ident", "working-tree-encoding")
_CONVERSION_WORDS = re.compile("|".join(_CONVERSIONS).encode())
_FILTER_WORD = re.compile(b"filter")
_MAX_SEARCHED_BYTES = 1_000_000
_REGULAR_FILE_PREFIX = "100"  # of git's modes
_UNCONVERTED = frozenset({"unspecified", "unset"})


class Attributes:
    """Attributes of commits; `folder`, made when needed, holds an index of each commit.

    `list_files` returns the files of a commit.
    """

    def __init__(
        self,
        git: GitCommand,
        folder: Path,
        blobs: BlobReader,
        list_files: Callable[[str], FileTree],
    ) -> None:
        self._git, self._folder = git, folder
        self._blobs, self._list_files = blobs, list_files
        self._naming_words: dict[tuple[str, str, re.Pattern[bytes]], bool] = {}

    def convert(self, sha: str, path: str) -> bool:
        """Return True if a file of a commit is converted when it is checked out."""
        if not self._list_files(sha).attribute_files:
            return False
        folders = PurePosixPath(path).parents
        files = (str(folder / ".gitattributes") for folder in folders)
        # To ask git takes an index of the whole commit: most attributes name no conversion.
        if not any(self._has_words(sha, file, _CONVERSION_WORDS) for file in files):
            return False
        listing = self._with_index_of(sha).run(
            "check-attr", "--cached", "-z", *_CONVERSIONS, "--", path
        )
        # With -z: path, attribute, value, each with a null behind (git-check-attr).
        values = listing.stdout.decode(errors="surrogateescape").split("\0")[2::3]
        return any(value not in _UNCONVERTED for value in values)

    def has_filters(self, sha: str) -> bool:
        """Return True if files of attributes of a commit may name a filter.

        It reads the files that `convert` reads, too; `list_filter_names` searches a whole commit.
        """
        paths = self._list_files(sha).attribute_files
        return any(self._has_words(sha, path, _FILTER_WORD) for path in paths)

    def _has_words(self, sha: str, path: str, words: re.Pattern[bytes]) -> bool:
        """Return True if a file of attributes has any of some words, or cannot be searched."""
        key = (sha, path, words)
        if key not in self._naming_words:
            entry = self._list_files(sha).get(path, "")
            text: bytes | None = b""
            if entry.startswith(_REGULAR_FILE_PREFIX):
                text = self._blobs.read_short(entry.partition(" ")[2], _MAX_SEARCHED_BYTES)
            self._naming_words[key] = text is None or bool(words.search(text))
        return self._naming_words[key]

    def _with_index_of(self, sha: str) -> GitCommand:
        """Return git with an index of the commit alone: no other index and no file has a say."""
        self._folder.mkdir(exist_ok=True)
        index = self._folder / sha
        in_index = self._git.with_variables(GIT_INDEX_FILE=index)
        if not index.exists():
            in_index.run("read-tree", sha)
        return in_index
