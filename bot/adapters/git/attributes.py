"""The attributes by which a checkout has other bytes than the commit."""

import re
from pathlib import Path, PurePosixPath

from bot.adapters.git.git_command import GitCommand
from bot.adapters.git.tree_listing import find_entry, read_short_blob

# Not `text` and `eol`: what they change, a reader of lines does not notice.
_CONVERSIONS = ("filter", "ident", "working-tree-encoding")
_CONVERSION_WORDS = re.compile("|".join(_CONVERSIONS).encode())
_MAX_SEARCHED_BYTES = 1_000_000
_UNCONVERTED = frozenset({"unspecified", "unset"})


class Attributes:
    """Attributes of commits; `folder`, made when needed, holds an index of each commit."""

    def __init__(self, git: GitCommand, folder: Path) -> None:
        self._git, self._folder = git, folder
        self._naming_conversions: dict[tuple[str, str], bool] = {}

    def convert(self, sha: str, path: str) -> bool:
        """Return True if a file of a commit is converted when it is checked out."""
        folders = PurePosixPath(path).parents
        if not any(self._names_conversions(sha, str(x / ".gitattributes")) for x in folders):
            return False
        listing = self._with_index_of(sha).run(
            "check-attr", "--cached", "-z", *_CONVERSIONS, "--", path
        )
        values = listing.stdout.decode(errors="surrogateescape").split("\0")[2::3]
        return any(value not in _UNCONVERTED for value in values)

    def _names_conversions(self, sha: str, path: str) -> bool:
        """Return True if a file of attributes names any that convert; macros do, too."""
        key = (sha, path)
        if key not in self._naming_conversions:
            entry = find_entry(self._git, sha, path)
            text: bytes | None = b""
            if entry is not None and entry.is_regular_file:
                text = read_short_blob(self._git, entry.object_id, _MAX_SEARCHED_BYTES)
            self._naming_conversions[key] = text is None or bool(_CONVERSION_WORDS.search(text))
        return self._naming_conversions[key]

    def _with_index_of(self, sha: str) -> GitCommand:
        """Return git with an index of the commit alone: no other index and no file has a say."""
        self._folder.mkdir(exist_ok=True)
        index = self._folder / sha
        in_index = self._git.with_variables(GIT_INDEX_FILE=index)
        if not index.exists():
            in_index.run("read-tree", sha)
        return in_index
