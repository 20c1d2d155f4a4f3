"""A section of an ELF file by its name."""

import struct

import pytest

from bot.image.packages import elf_section

NAMES = b"\0.shstrtab\0.dep-v0\0"
HEADER_BYTES, ENTRY_BYTES = 64, 64


def make_elf(*, table_start: int | None = None, section_count: int = 3) -> bytes:
    """Return a file of 64 bits with the sections `.shstrtab` and `.dep-v0`, the latter `crates`."""
    content = NAMES + b"crates"
    start = HEADER_BYTES + len(content)
    header = bytearray(elf_section.MAGIC + b"\x02\x01" + bytes(HEADER_BYTES - 6))
    struct.pack_into("<Q", header, 0x28, start if table_start is None else table_start)
    struct.pack_into("<3H", header, 0x3A, ENTRY_BYTES, section_count, 1)
    sections = [(0, 0, 0), (1, HEADER_BYTES, len(NAMES)), (11, HEADER_BYTES + len(NAMES), 6)]
    entries = [struct.pack("<2I4Q", name, 1, 0, 0, at, size) for name, at, size in sections]
    return bytes(header) + content + b"".join(entry.ljust(ENTRY_BYTES, b"\0") for entry in entries)


def test_a_section_is_found_by_its_name() -> None:
    assert elf_section.read_section(make_elf(), ".dep-v0") == b"crates"
    assert elf_section.read_section(make_elf(), ".other") == b""


@pytest.mark.parametrize(
    "broken",
    [
        make_elf(table_start=2**64 - 1),
        make_elf(table_start=2**63),
        make_elf(table_start=5000),
        make_elf(section_count=60_000),
        make_elf(section_count=0),
        make_elf()[:50],
        elf_section.MAGIC,
    ],
)
def test_a_broken_file_has_no_sections(broken: bytes) -> None:
    assert elf_section.read_section(broken, ".dep-v0") == b""
