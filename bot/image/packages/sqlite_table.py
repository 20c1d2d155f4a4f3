"""The rows of a table in an SQLite file, read without SQLite.

SQLite runs what a file's schema says: views, triggers and functions that compute for as long as
they like. This reads the pages of one table and nothing else, each page once, so that it ends in
time and memory in proportion to the file. The format: https://www.sqlite.org/fileformat2.html
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

_MAGIC = b"SQLite format 3\0"
_FILE_HEADER_BYTES = 100
_SCHEMA_PAGE = 1
_LEAF_TABLE, _INTERIOR_TABLE = 0x0D, 0x05
_HEADER_BYTES = {_LEAF_TABLE: 8, _INTERIOR_TABLE: 12}
_MIN_PAGE_BYTES, _MAX_PAGE_BYTES = 512, 65_536
_MIN_USABLE_BYTES = 480
_MAX_VARINT_BYTES = 9
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_FLOAT_TYPE, _FLOAT_BYTES = 7, 8
_MIN_BLOB_TYPE = 12  # even types from here on are blobs, odd ones texts
_MAX_COLUMNS = 100
_MAX_RECORDS = 100_000  # of the schema and the table; cells of a hostile page may overlap


class _BrokenFile(ValueError):
    """A file that is not SQLite's, or damaged."""


def read_blobs(content: bytes, table: str) -> Iterator[bytes]:
    """Yield the first blob of each row of a table; nothing more where the file is broken."""
    try:
        pages = _open_file(content)
        root = _find_root_page(pages, table)
        for record in pages.iter_records(root) if root else ():
            yield from _find_blobs(record)[:1]
    except (_BrokenFile, struct.error, IndexError):
        return


@dataclass(slots=True)
class _Pages:
    """The pages of a file; each is visited once, and all records are no longer than the file."""

    content: bytes
    page_bytes: int
    usable_bytes: int
    _visited: set[int] = field(default_factory=set)
    _record_count: int = 0
    _record_bytes: int = 0

    def iter_records(self, root: int) -> Iterator[bytes]:
        """Yield the records of a table in the order of its keys."""
        stack = [root]
        while stack:
            number = stack.pop()
            page = self._visit(number)
            start = _FILE_HEADER_BYTES if number == _SCHEMA_PAGE else 0
            kind = page[start]
            if kind not in _HEADER_BYTES:
                raise _BrokenFile
            (count,) = struct.unpack_from(">H", page, start + 3)
            cells = struct.unpack_from(f">{count}H", page, start + _HEADER_BYTES[kind])
            if kind == _LEAF_TABLE:
                yield from (self._read_cell(page, offset) for offset in cells)
            else:
                offsets = [*cells, start + 8]  # the last child is in the header
                children = [struct.unpack_from(">I", page, offset)[0] for offset in offsets]
                stack.extend(reversed(children))
                if len(stack) > len(self.content) // self.page_bytes:
                    raise _BrokenFile

    def _visit(self, number: int) -> bytes:
        start = (number - 1) * self.page_bytes
        if number < 1 or number in self._visited or start >= len(self.content):
            raise _BrokenFile
        self._visited.add(number)
        return self.content[start : start + self.page_bytes]

    def _read_cell(self, page: bytes, offset: int) -> bytes:
        """Return the record of a cell, with what goes on in overflow pages."""
        size, offset = _read_varint(page, offset)
        _, offset = _read_varint(page, offset)  # the key
        self._count_record(size)
        local = self._compute_local_bytes(size)
        record = bytearray(page[offset : offset + local])
        if local < size:
            (overflow,) = struct.unpack_from(">I", page, offset + local)
            while overflow and len(record) < size:
                part = self._visit(overflow)
                (overflow,) = struct.unpack_from(">I", part)
                record += part[4 : self.usable_bytes]
        if len(record) < size:
            raise _BrokenFile
        return bytes(record[:size])

    def _count_record(self, size: int) -> None:
        self._record_count += 1
        self._record_bytes += size
        if self._record_count > _MAX_RECORDS or self._record_bytes > len(self.content):
            raise _BrokenFile

    def _compute_local_bytes(self, size: int) -> int:
        """Return how much of a record its own page has ("B-tree Cell Format")."""
        usable = self.usable_bytes
        if size <= usable - 35:
            return size
        least = (usable - 12) * 32 // 255 - 23
        local = least + (size - least) % (usable - 4)
        return local if local <= usable - 35 else least


def _open_file(content: bytes) -> _Pages:
    if not content.startswith(_MAGIC) or len(content) < _FILE_HEADER_BYTES:
        raise _BrokenFile
    # The two bytes have no room for 65,536, which is 1; byte 20 is what each page reserves at its
    # end.
    (page_bytes,) = struct.unpack_from(">H", content, 16)
    page_bytes = _MAX_PAGE_BYTES if page_bytes == 1 else page_bytes
    usable_bytes = page_bytes - content[20]
    if page_bytes < _MIN_PAGE_BYTES or usable_bytes < _MIN_USABLE_BYTES:
        raise _BrokenFile
    return _Pages(content, page_bytes, usable_bytes)


def _find_root_page(pages: _Pages, table: str) -> int:
    """Return the first page of a table; 0 if there is no table of that name."""
    for record in pages.iter_records(_SCHEMA_PAGE):
        fields = _split_record(record)
        # The schema's columns are type, name, tbl_name, rootpage and sql ("Storage Of The SQL
        # Database Schema").
        if len(fields) >= 4 and fields[0][1] == b"table" and fields[1][1] == table.encode():
            return int.from_bytes(fields[3][1], "big")
    return 0


def _find_blobs(record: bytes) -> list[bytes]:
    fields = _split_record(record)
    return [value for kind, value in fields if kind >= _MIN_BLOB_TYPE and kind % 2 == 0]


def _split_record(record: bytes) -> list[tuple[int, bytes]]:
    """Return type and bytes of each value ("Record Format")."""
    header_bytes, offset = _read_varint(record, 0)
    fields: list[tuple[int, bytes]] = []
    end = header_bytes
    while offset < header_bytes and len(fields) < _MAX_COLUMNS:
        kind, offset = _read_varint(record, offset)
        size = _compute_value_bytes(kind)
        fields.append((kind, record[end : end + size]))
        end += size
    return fields


def _compute_value_bytes(kind: int) -> int:
    if kind >= _MIN_BLOB_TYPE:
        return (kind - _MIN_BLOB_TYPE) // 2
    return _FLOAT_BYTES if kind == _FLOAT_TYPE else _INTEGER_BYTES.get(kind, 0)


def _read_varint(data: bytes, offset: int) -> tuple[int, int]:
    """Return a number of variable length, and the offset behind it."""
    number = 0
    for index in range(_MAX_VARINT_BYTES):
        byte = data[offset + index]
        if index == _MAX_VARINT_BYTES - 1:
            return number << 8 | byte, offset + _MAX_VARINT_BYTES
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, offset + index + 1
    raise AssertionError("the loop returns at its last byte")
