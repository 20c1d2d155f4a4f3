"""A listing of a git tree that is searched as git wrote it: most of its files nobody asks for."""

from collections.abc import Iterator, Mapping, Sequence

from bot.project.git_tree import SUBMODULE_MODE_PREFIX

_END = b"\0"
_MODE_END = len("100644 ")
_SUBMODULE_MODE = SUBMODULE_MODE_PREFIX.encode()


class SortedListing:
    """Records of a mode, perhaps a kind, an object ID, a tab and a path, each with a null behind.

    They are in the order of the paths' bytes, as `git ls-tree -r -z` writes them; what
    `is_from_git` has its paths at the same place of each record, but for submodules.
    """

    def __init__(self, text: bytes, *, is_from_git: bool = False) -> None:
        self._text, self._is_from_git = text, is_from_git
        self._entries: dict[str, str | None] = {}

    def __len__(self) -> int:
        """Return the number of files."""
        return self._text.count(_END)

    @property
    def searches(self) -> int:
        """Return how many paths were searched for."""
        return len(self._entries)

    def find(self, path: str) -> str | None:
        """Return mode and object ID of a path; None if it is not listed."""
        if path not in self._entries:
            self._entries[path] = self._find(path)
        return self._entries[path]

    def list_below(self, folder: str) -> Iterator[str]:
        """Yield the paths below a folder, which is not the top."""
        prefix = _encode(f"{folder}/")
        position = self._locate(prefix) if prefix else len(self._text)
        while (record := self._read_record(position))[1].startswith(prefix or _END):
            yield _decode(record[1])
            position += sum(map(len, record)) + len(b"\t\0")

    def search(self, word: str) -> Iterator[str]:
        """Yield the paths of all records that have a word in or in front of the path, each once."""
        text, needle = self._text, word.encode()
        position = text.find(needle)
        while position >= 0:
            end = text.index(_END, position)
            yield _decode(self._read_record(text.rfind(_END, 0, position) + 1)[1])
            position = text.find(needle, end)

    def read_all(self) -> dict[str, str]:
        """Return mode and object ID by path."""
        text = _decode(self._text)
        lines = text.split("\0")[:-1]
        if not self._is_uniform():
            parts = (line.partition("\t") for line in lines)
            return {path: _shorten(metadata) for metadata, _, path in parts}
        # There may be a million: no call for each.
        end = text.find("\t")
        start, path = text.rfind(" ", 0, end) + 1, end + 1
        return {x[path:]: x[:_MODE_END] + x[start:end] for x in lines}

    def list_paths(self) -> Sequence[str]:
        """Return all paths, sorted."""
        text = _decode(self._text)
        lines = text.split("\0")[:-1]
        if not self._is_uniform():
            return sorted(line.partition("\t")[2] for line in lines)
        start = text.find("\t") + 1
        # By characters: bytes that are no text are in another order.
        return sorted([line[start:] for line in lines])

    def _is_uniform(self) -> bool:
        # Only submodules have another word for their kind.
        has_submodules = (
            self._text.startswith(_SUBMODULE_MODE) or _END + _SUBMODULE_MODE in self._text
        )
        return self._is_from_git and not has_submodules

    def _find(self, path: str) -> str | None:
        encoded = _encode(path)
        if not encoded:
            return None
        metadata, listed = self._read_record(self._locate(encoded))
        return _shorten(_decode(metadata)) if listed == encoded else None

    def _locate(self, path: bytes) -> int:
        """Return where the first record begins that has this path, or one behind it."""
        text = self._text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high) // 2
            # Of the record that the middle is in: the null in front of it ends the one before.
            start = text.rfind(_END, low, middle) + 1 or low
            tab = text.index(b"\t", start) + 1
            end = text.index(_END, tab)
            if text[tab:end] < path:
                low = end + 1
            else:
                high = start
        return low

    def _read_record(self, start: int) -> tuple[bytes, bytes]:
        """Return metadata and path of the record that begins there; both empty at the end."""
        end = self._text.find(_END, start)
        metadata, _, path = self._text[start : max(end, start)].partition(b"\t")
        return metadata, path


def make_listing(entries: Mapping[str, str]) -> SortedListing:
    """Return the listing of files: mode and object ID by path."""
    lines = sorted((_encode(path) or b"", entry.encode()) for path, entry in entries.items())
    return SortedListing(b"".join(b"%s\t%s\0" % (entry, path) for path, entry in lines))


def _shorten(metadata: str) -> str:
    """Return mode and object ID, without the kind of the entry."""
    mode, *others = metadata.split(" ")
    return " ".join((mode, *others[-1:]))


def _decode(text: bytes) -> str:
    return text.decode(errors="surrogateescape")


def _encode(path: str) -> bytes | None:
    """Return the bytes of a path; None if no path of git has these characters."""
    try:
        return path.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return None
