"""Builds ld.so.cache, in the formats of glibc's sysdeps/generic/dl-cache.h."""

import struct
from collections.abc import Sequence

_MAGIC, _OLD_MAGIC = b"glibc-ld.so.cache1.1", b"ld.so-1.7.0\0"
_HEADER, _ENTRY, _OLD_ENTRY = struct.Struct("<20sII20s"), struct.Struct("<iIIIQ"), "<iII"


def make_ld_so_cache(entries: Sequence[tuple[str, str]], *, with_old_table: bool = False) -> bytes:
    """Return a cache of sonames and paths, with an old table as glibc before 2.32 wrote."""
    start = _HEADER.size + len(entries) * _ENTRY.size
    rows, strings = b"", b""
    for soname, path in entries:
        name_offset = start + len(strings)
        strings += soname.encode() + b"\0"
        rows += _ENTRY.pack(1, name_offset, start + len(strings), 0, 0)
        strings += path.encode() + b"\0"
    table = _HEADER.pack(_MAGIC, len(entries), len(strings), b"") + rows + strings
    return _make_old_table(len(entries)) + table if with_old_table else table


def _make_old_table(count: int) -> bytes:
    """Return entries of the old format, padded to eight bytes; strings are not read."""
    table = _OLD_MAGIC + struct.pack("<I", count) + struct.pack(_OLD_ENTRY, 1, 0, 0) * count
    return table + bytes(-len(table) % 8)
