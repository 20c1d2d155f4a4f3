"""A section of an ELF file by its name. That alone is needed, and not worth a library's start-up."""

import struct
from dataclasses import dataclass

MAGIC = b"\x7fELF"
_CLASS, _ORDER = 4, 5


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where a header has the table of sections, and what a section looks like in it."""

    table: tuple[str, int]
    counts: int
    section: str


_LAYOUTS = {1: _Layout(("I", 0x20), 0x2E, "6I"), 2: _Layout(("Q", 0x28), 0x3A, "2I4Q")}
_ORDERS = {1: "<", 2: ">"}


def section(program: bytes, name: str) -> bytes:
    """A section's content; empty if there is none, or the file is broken."""
    try:
        return _section(program, name.encode())
    except (struct.error, IndexError, KeyError):
        return b""


def _section(program: bytes, name: bytes) -> bytes:
    layout, order = _LAYOUTS[program[_CLASS]], _ORDERS[program[_ORDER]]
    kind, place = layout.table
    (table,) = struct.unpack_from(order + kind, program, place)
    size, count, names = struct.unpack_from(order + "3H", program, layout.counts)
    places = [
        struct.unpack_from(order + layout.section, program, table + number * size)
        for number in range(count)
    ]
    texts = places[names][4]
    for label, _, _, _, start, length in places:
        if program[texts + label : texts + label + len(name) + 1] == name + b"\0":
            return program[start : start + length]
    return b""
