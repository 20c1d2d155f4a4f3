"""Rust's programs, by the section of cargo-auditable, else by paths that the compiler leaves."""

import json
import zlib
from typing import Any

from bot.image.packages import elf_section
from bot.image.packages.layer_files import parse_string
from bot.image.packages.package import Package

# The path of the standard library's sources, in Rust's own builds and in Debian's.
RUSTC_PATH_MARKS = (b"/rustc/", b"/rustc-1.")
_AUDIT_SECTION = ".dep-v0"
_MAX_AUDIT_BYTES = 8 << 20


def read_package(path: str, program: bytes) -> Package:
    """Return the package of a Rust program, named after the file if it has no audit data."""
    root = _read_root_crate(program)
    name = parse_string(root.get("name")) or path.rpartition("/")[2]
    return Package("rust", name, parse_string(root.get("version")), (path,))


def _read_root_crate(program: bytes) -> dict[str, Any]:
    """Return the crate that the program was built from, among all in its audit data."""
    section = elf_section.read_section(program, _AUDIT_SECTION)
    try:
        document = json.loads(zlib.decompressobj().decompress(section, _MAX_AUDIT_BYTES))
    except (zlib.error, ValueError, RecursionError):
        return {}
    crates = document.get("packages") if isinstance(document, dict) else None
    entries = crates if isinstance(crates, list) else []
    return next((x for x in entries if isinstance(x, dict) and x.get("root") is True), {})
