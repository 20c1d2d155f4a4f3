"""Rust's programs: what cargo-auditable puts into one, else the paths that the compiler leaves."""

import json
import zlib
from typing import Any

from bot.image.packages import elf_section
from bot.image.packages.layer_files import parse_string
from bot.image.packages.package import Package

# Where the standard library's sources were: as Rust's own builds have it, and as Debian's have.
RUSTC_PATH_MARKS = (b"/rustc/", b"/rustc-1.")
_AUDIT_SECTION = ".dep-v0"
_MAX_AUDIT_BYTES = 8 << 20


def read_package(path: str, program: bytes) -> Package:
    """The package of a Rust program, by the file's name if it does not say its own."""
    root = _read_root_crate(program)
    name = parse_string(root.get("name")) or path.rpartition("/")[2]
    return Package("rust", name, parse_string(root.get("version")), (path,))


def _read_root_crate(program: bytes) -> dict[str, Any]:
    """The crate that the program was built from, among all that are in it."""
    try:
        document = json.loads(
            zlib.decompressobj().decompress(
                elf_section.read_section(program, _AUDIT_SECTION), _MAX_AUDIT_BYTES
            )
        )
    except (zlib.error, ValueError, RecursionError):
        return {}
    crates = document.get("packages") if isinstance(document, dict) else None
    listed = crates if isinstance(crates, list) else []
    return next((x for x in listed if isinstance(x, dict) and x.get("root") is True), {})
