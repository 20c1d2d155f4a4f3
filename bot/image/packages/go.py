"""Go's programs: the build information that the linker puts into each since Go 1.18.

The layout is that of Go's own debug/buildinfo: a magic on a boundary of 16 bytes, the pointer size,
flags, and from byte 32 on two strings with their lengths: the version of Go, and the modules.
"""

import re

from bot.image.packages.package import Package

BUILD_INFO_MAGIC = b"\xff Go buildinf:"
# The owner of the ELF note with Go's build ID, in the first pages of the file.
ELF_NOTE_NAME = b"Go\0\0"
MAX_BUILD_INFO_BYTES = 1 << 20
ALIGNMENT_BYTES = 16
_FLAGS_OFFSET = 15
_INLINE_FLAG = 2
_STRINGS_OFFSET = 32
_MAX_VARINT_BYTES = 10
_GUARD_BYTES = 16  # before and after the modules, for tools that search for these bytes
_FIELD_PATTERN = re.compile(r"^(path|mod)\t([^\t\n]+)(?:\t([^\t\n]+))?", re.MULTILINE)


def read_package(path: str, build_info: bytes) -> Package | None:
    """Return the package of a program from the bytes at the magic; None if they are no info."""
    if len(build_info) <= _STRINGS_OFFSET or not build_info[_FLAGS_OFFSET] & _INLINE_FLAG:
        return None
    go, end = _read_string(build_info, _STRINGS_OFFSET)
    modules = _read_string(build_info, end)[0][_GUARD_BYTES:-_GUARD_BYTES]
    lines = modules.decode(errors="replace") if modules.endswith(b"\n") else ""
    fields = {field: (name, version) for field, name, version in _FIELD_PATTERN.findall(lines)}
    name, version = fields.get("mod") or fields.get("path") or ("", "")
    if not go.startswith(b"go") or not name:
        return None
    shown_version = version if version not in ("", "(devel)") else "devel"
    return Package("go", name, f"{shown_version} ({go.decode(errors='replace')})", (path,))


def _read_string(build_info: bytes, start: int) -> tuple[bytes, int]:
    """Return a string with a varint length before it, and the offset of its end."""
    length = 0
    for index, byte in enumerate(build_info[start : start + _MAX_VARINT_BYTES]):
        length |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            end = start + index + 1 + length
            return build_info[start + index + 1 : end], end
    return b"", len(build_info)
