"""A section of an ELF file by its name; pyelftools would take longer to import than this to run."""

import struct
from dataclasses import dataclass

MAGIC = b"\x7fELF"
_CLASS_OFFSET, _BYTE_ORDER_OFFSET = 4, 5


@dataclass(frozen=True, slots=True)
class _SectionLayout:
    """The offsets in a header that lead to the table of sections, and an entry's format."""

    table_field: tuple[str, int]
    counts_offset: int
    entry_format: str


# By ELF class: `e_shoff`, then `e_shentsize`, `e_shnum` and `e_shstrndx` (elf(5)).
_LAYOUTS = {
    1: _SectionLayout(("I", 0x20), 0x2E, "6I"),
    2: _SectionLayout(("Q", 0x28), 0x3A, "2I4Q"),
}
_BYTE_ORDERS = {1: "<", 2: ">"}


def read_section(program: bytes, name: str) -> bytes:
    """Return a section's content; empty if there is none, or the file is broken."""
    try:
        return _read_section(program, name.encode())
    # OverflowError: an offset of 64 bits that no buffer can have.
    except (struct.error, IndexError, KeyError, OverflowError):
        return b""


def _read_section(program: bytes, name: bytes) -> bytes:
    layout, order = _LAYOUTS[program[_CLASS_OFFSET]], _BYTE_ORDERS[program[_BYTE_ORDER_OFFSET]]
    offset_format, offset = layout.table_field
    (table_start,) = struct.unpack_from(order + offset_format, program, offset)
    entry_size, section_count, names_index = struct.unpack_from(
        order + "3H", program, layout.counts_offset
    )
    sections = [
        struct.unpack_from(order + layout.entry_format, program, table_start + number * entry_size)
        for number in range(section_count)
    ]
    names_start = sections[names_index][4]
    for name_offset, _, _, _, start, length in sections:
        if (
            program[names_start + name_offset : names_start + name_offset + len(name) + 1]
            == name + b"\0"
        ):
            return program[start : start + length]
    return b""
