"""Go's programs: the build information that the linker leaves in each since Go 1.18.

The layout is that of Go's own debug/buildinfo: a magic on a boundary of 16 bytes, the pointer size,
flags, and from byte 32 on two texts, each after its length: the version of Go, and the modules.
"""

import re

from bot.image.packages.package import Package

MAGIC = b"\xff Go buildinf:"
MAX_INFO = 1 << 20
ALIGNMENT = 16
_FLAGS = 15
_INLINE = 2
_TEXTS = 32
_MAX_VARINT = 10
_GUARD = 16  # bytes before and after the modules, for tools that search for them
_FIELD = re.compile(r"^(path|mod)\t([^\t\n]+)(?:\t([^\t\n]+))?", re.MULTILINE)


def read(path: str, info: bytes) -> Package | None:
    """The package of a program, from the bytes at its magic on; None if they are something else."""
    if len(info) <= _TEXTS or not info[_FLAGS] & _INLINE:
        return None
    go, end = _text(info, _TEXTS)
    modules = _text(info, end)[0][_GUARD:-_GUARD]
    lines = modules.decode(errors="replace") if modules.endswith(b"\n") else ""
    fields = {field: (name, version) for field, name, version in _FIELD.findall(lines)}
    name, version = fields.get("mod") or fields.get("path") or ("", "")
    if not go.startswith(b"go") or not name:
        return None
    known = version if version not in ("", "(devel)") else "devel"
    return Package("go", name, f"{known} ({go.decode(errors='replace')})", (path,))


def _text(info: bytes, start: int) -> tuple[bytes, int]:
    """A text after its length, which is a varint, and where it ends."""
    length = 0
    for place, byte in enumerate(info[start : start + _MAX_VARINT]):
        length |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            end = start + place + 1 + length
            return info[start + place + 1 : end], end
    return b"", len(info)
