"""A section of an ELF file by its name. That alone is needed, and not worth a library's start-up."""

import struct
from dataclasses import dataclass

MAGIC = b"\x7fELF"
_CLASS_OFFSET, _BYTE_ORDER_OFFSET = 4, 5


@dataclass(frozen=True, slots=True)
class _SectionLayout:
    """Where a header has the table of sections, and what a section looks like in it."""

    table_field: tuple[str, int]
    counts_offset: int
    entry_format: str


_LAYOUTS = {
    1: _SectionLayout(("I", 0x20), 0x2E, "6I"),
    2: _SectionLayout(("Q", 0x28), 0x3A, "2I4Q"),
}
_BYTE_ORDERS = {1: "<", 2: ">"}


def read_section(program: bytes, name: str) -> bytes:
    """A section's content; empty if there is none, or the file is broken."""
    try:
        return _read_section(program, name.encode())
    except (struct.error, IndexError, KeyError):
        return b""


def _read_section(program: bytes, name: bytes) -> bytes:
    layout, order = _LAYOUTS[program[_CLASS_OFFSET]], _BYTE_ORDERS[program[_BYTE_ORDER_OFFSET]]
    kind, place = layout.table_field
    (table,) = struct.unpack_from(order + kind, program, place)
    size, count, names = struct.unpack_from(order + "3H", program, layout.counts_offset)
    places = [
        struct.unpack_from(order + layout.entry_format, program, table + number * size)
        for number in range(count)
    ]
    texts = places[names][4]
    for label, _, _, _, start, length in places:
        if program[texts + label : texts + label + len(name) + 1] == name + b"\0":
            return program[start : start + length]
    return b""
