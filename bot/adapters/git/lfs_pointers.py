"""Git LFS pointers: small files that stand for large ones (the specification of git-lfs)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# The specification: a pointer has less than 1024 bytes.
_MAX_POINTER_BYTES = 1024
# Version (hawser was its first name), extensions in their order, SHA-256, size. Programs on Windows
# may have written other line ends.
_POINTER = re.compile(
    rb"version https://(?:git-lfs\.github\.com|hawser\.github\.com)/spec/v1\r?\n"
    rb"(?:ext-\d-[^\r\n]*\r?\n)*oid sha256:([0-9a-f]{1,64})\r?\nsize ([0-9]{1,18})\r?\n?"
)


@dataclass(frozen=True, slots=True)
class LfsPointer:
    """The digest (SHA-256) and the size in bytes of a file's content."""

    oid: str
    size: int


def read_pointers(folder: Path, paths: Iterable[str]) -> dict[str, LfsPointer]:
    """Return the pointers among the files of a folder; links are none."""
    pointers = {path: _read_pointer(folder / path) for path in paths}
    return {path: pointer for path, pointer in pointers.items() if pointer}


def _read_pointer(path: Path) -> LfsPointer | None:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _MAX_POINTER_BYTES:
        return None
    match = _POINTER.fullmatch(path.read_bytes())
    return LfsPointer(match[1].decode(), int(match[2])) if match else None
