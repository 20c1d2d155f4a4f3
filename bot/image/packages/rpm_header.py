"""One package's header in rpm's database: an index of tags, and the data that they point to.

Tags, types and layout are those of rpm's documentation (docs/manual/format_header.md).
"""

import struct
from collections.abc import Sequence

from bot.image.packages.path_budget import PathBudget

_NAME_TAG, _VERSION_TAG, _RELEASE_TAG, _EPOCH_TAG = 1000, 1001, 1002, 1003
_DIRECTORY_INDEXES_TAG, _BASE_NAMES_TAG, _DIRECTORIES_TAG = 1116, 1117, 1118

_LENGTHS_STRUCT = struct.Struct(">II")
_INDEX_ENTRY_STRUCT = struct.Struct(">IIII")  # tag, type, offset of its data, count of its values
_MAX_TAGS = 65_536
_MAX_VALUES = 1_000_000


class RpmHeader:
    """The name, version and files in a header; empty if the header is broken."""

    def __init__(self, blob: bytes) -> None:
        tag_count, data_size = (
            _LENGTHS_STRUCT.unpack_from(blob) if len(blob) >= _LENGTHS_STRUCT.size else (0, 0)
        )
        start = _LENGTHS_STRUCT.size + tag_count * _INDEX_ENTRY_STRUCT.size
        is_whole = tag_count <= _MAX_TAGS and start + data_size <= len(blob)
        entries = (
            _INDEX_ENTRY_STRUCT.iter_unpack(blob[_LENGTHS_STRUCT.size : start]) if is_whole else ()
        )
        self._data_ranges = {tag: (offset, count) for tag, _, offset, count in entries}
        self._data = blob[start : start + data_size]

    @property
    def name(self) -> str:
        """Return the package's name; empty if the header is broken."""
        return self._read_string(_NAME_TAG)

    @property
    def version(self) -> str | None:
        """Return `epoch:version-release`, without an epoch of 0."""
        epoch = next((f"{number}:" for number in self._read_numbers(_EPOCH_TAG) if number), "")
        parts = (self._read_string(_VERSION_TAG), self._read_string(_RELEASE_TAG))
        return epoch + "-".join(filter(None, parts)) or None

    def read_files(self, budget: PathBudget) -> tuple[str, ...]:
        """Return the paths of the package's files, relative to the root."""
        # rpm stores base names, and for each the index of its directory.
        folders = [folder.lstrip("/") for folder in self._read_strings(_DIRECTORIES_TAG)]
        pairs = zip(
            self._read_numbers(_DIRECTORY_INDEXES_TAG),
            self._read_strings(_BASE_NAMES_TAG),
            # A broken header may have more of one than of the other.
            strict=False,
        )
        return tuple(
            budget.count(folders[index] + name) for index, name in pairs if index < len(folders)
        )

    def _read_string(self, tag: int) -> str:
        return next(iter(self._read_strings(tag, 1)), "")

    def _read_strings(self, tag: int, max_count: int = _MAX_VALUES) -> Sequence[str]:
        """Return the strings of a tag, each of which ends with a NUL."""
        offset, count = self._data_ranges.get(tag, (0, 0))
        count = min(count, max_count)
        texts = self._data[offset:].split(b"\0", count)[:count]
        return [text.decode(errors="surrogateescape") for text in texts]

    def _read_numbers(self, tag: int) -> Sequence[int]:
        """Return the 32-bit numbers of a tag; none if they exceed the data."""
        offset, count = self._data_ranges.get(tag, (0, 0))
        if count > _MAX_VALUES or offset + 4 * count > len(self._data):
            return ()
        return struct.unpack_from(f">{count}I", self._data, offset)
