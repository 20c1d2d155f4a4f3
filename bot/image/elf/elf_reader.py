"""ELF files: interpreter, needed libraries and symbol versions, as pyelftools reads them."""

import io
import struct
from collections.abc import Iterator
from typing import Any

from elftools.common.exceptions import ELFError, ELFParseError
from elftools.construct import ConstructError
from elftools.elf.elffile import ELFFile

from bot.image.elf.dynamic_linker import ElfInfo

ELF_MAGIC = b"\x7fELF"
_MAX_DYNAMIC_TAGS = 5_000
_MAX_READS = 1_000_000
# The tags with strings as values, by the name of pyelftools' attribute.
_STRING_TAG_ATTRIBUTES = {
    "DT_NEEDED": "needed",
    "DT_RUNPATH": "runpath",
    "DT_RPATH": "rpath",
    "DT_SONAME": "soname",
}
# What pyelftools raises on broken files.
_PARSE_ERRORS = (
    ELFError,
    ELFParseError,
    ConstructError,
    struct.error,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    AssertionError,
    OverflowError,
    MemoryError,
    RecursionError,
    UnicodeError,
)


class _BoundedStream(io.BytesIO):
    """A file that is read a bounded number of times: chains of a hostile one may have no end."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._remaining_reads = _MAX_READS

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes; raise ValueError after more reads than any real file takes."""
        self._remaining_reads -= 1
        if self._remaining_reads < 0:
            raise ValueError("more reads than any real file takes")
        return super().read(size)


def read_elf(data: bytes) -> ElfInfo | None:
    """Return what an ELF file declares to the loader; None for any other or broken file."""
    if not data.startswith(ELF_MAGIC):
        return None
    try:
        return _read_elf_file(ELFFile(_BoundedStream(data)))
    except _PARSE_ERRORS:
        return None


def _read_elf_file(elf_file: Any) -> ElfInfo:
    interpreter, tags = "", dict[str, list[str]]()
    for segment in elf_file.iter_segments():
        kind = segment.header.p_type
        if kind == "PT_INTERP":
            interpreter = str(segment.get_interp_name())
        elif kind == "PT_DYNAMIC":
            tags = _read_dynamic_strings(segment)
    # Of both tags, glibc ignores RPATH (elf/get-dynamic-info.h).
    search_paths = tags.get("DT_RUNPATH") or tags.get("DT_RPATH") or []
    return ElfInfo(
        interpreter=interpreter,
        needed=tuple(tags.get("DT_NEEDED", ())),
        search_folders=tuple(
            folder for path in search_paths for folder in path.split(":") if folder
        ),
        soname=next(iter(tags.get("DT_SONAME", ())), ""),
        needed_versions=tuple(_read_needed_versions(elf_file)) if tags else (),
        defined_versions=tuple(_read_defined_versions(elf_file)) if tags else (),
        machine=str(elf_file.header.e_machine),
        is_program=bool(interpreter) or elf_file.header.e_type == "ET_EXEC",
        has_rpath=bool(tags.get("DT_RPATH")) and not tags.get("DT_RUNPATH"),
    )


def _read_dynamic_strings(segment: Any) -> dict[str, list[str]]:
    """Return the strings of the dynamic section by their tag."""
    # Never empty, so that a dynamic section without any of the tags still counts as one.
    strings: dict[str, list[str]] = {"": []}
    for number, tag in enumerate(segment.iter_tags()):
        kind = tag.entry.d_tag
        if kind in _STRING_TAG_ATTRIBUTES:
            strings.setdefault(kind, []).append(str(getattr(tag, _STRING_TAG_ATTRIBUTES[kind])))
        if number > _MAX_DYNAMIC_TAGS:
            raise ValueError("more entries than any real file has")
    return strings


def _read_needed_versions(elf_file: Any) -> Iterator[tuple[str, str]]:
    """Yield the required versions; a weak one may be missing (`VER_FLG_WEAK`)."""
    section = elf_file.get_section_by_name(".gnu.version_r")
    for library, versions in section.iter_versions() if section else ():
        yield from (
            (library.name, version.name) for version in versions if not version.entry.vna_flags & 2
        )


def _read_defined_versions(elf_file: Any) -> Iterator[str]:
    section = elf_file.get_section_by_name(".gnu.version_d")
    for _, names in section.iter_versions() if section else ():
        # The first name is the version itself, the others its predecessors.
        yield from (name.name for name in list(names)[:1])
