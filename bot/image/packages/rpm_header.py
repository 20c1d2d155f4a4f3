"""One package's header in rpm's database: an index of tags, and the data that they point to.

Tags, types and layout are those of rpm's documentation (docs/manual/format_header.md).
"""

import struct
from collections.abc import Sequence

_NAME, _VERSION, _RELEASE, _EPOCH = 1000, 1001, 1002, 1003
_DIRECTORY_INDEXES, _BASE_NAMES, _DIRECTORIES = 1116, 1117, 1118

_LENGTHS = struct.Struct(">II")
_ENTRY = struct.Struct(">IIII")  # tag, type, offset of its data, count of its values
_MAX_TAGS = 65_536
_MAX_VALUES = 1_000_000


class Header:
    """The few tags of a header that matter here; a broken header has none."""

    def __init__(self, blob: bytes) -> None:
        tags, size = _LENGTHS.unpack_from(blob) if len(blob) >= _LENGTHS.size else (0, 0)
        start = _LENGTHS.size + tags * _ENTRY.size
        whole = tags <= _MAX_TAGS and start + size <= len(blob)
        entries = _ENTRY.iter_unpack(blob[_LENGTHS.size : start]) if whole else ()
        self._places = {tag: (offset, count) for tag, _, offset, count in entries}
        self._data = blob[start : start + size]

    @property
    def name(self) -> str:
        """The package's name; empty if the header is broken."""
        return self._text(_NAME)

    @property
    def version(self) -> str | None:
        """`epoch:version-release`, without the epoch where it is 0 or missing."""
        epoch = next((f"{number}:" for number in self._numbers(_EPOCH) if number), "")
        return epoch + "-".join(filter(None, (self._text(_VERSION), self._text(_RELEASE)))) or None

    @property
    def files(self) -> tuple[str, ...]:
        """The paths of its files, relative to the root."""
        folders = [folder.lstrip("/") for folder in self._texts(_DIRECTORIES)]
        named = zip(self._numbers(_DIRECTORY_INDEXES), self._texts(_BASE_NAMES), strict=False)
        return tuple(folders[index] + name for index, name in named if index < len(folders))

    def _text(self, tag: int) -> str:
        return next(iter(self._texts(tag, 1)), "")

    def _texts(self, tag: int, most: int = _MAX_VALUES) -> Sequence[str]:
        """The texts of a tag, each of which ends with a zero."""
        offset, count = self._places.get(tag, (0, 0))
        count = min(count, most)
        texts = self._data[offset:].split(b"\0", count)[:count]
        return [text.decode(errors="surrogateescape") for text in texts]

    def _numbers(self, tag: int) -> Sequence[int]:
        """The numbers of a tag, of 32 bits each; none if they go beyond the data."""
        offset, count = self._places.get(tag, (0, 0))
        if count > _MAX_VALUES or offset + 4 * count > len(self._data):
            return ()
        return struct.unpack_from(f">{count}I", self._data, offset)
