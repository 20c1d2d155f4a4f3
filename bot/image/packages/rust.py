"""Rust's programs: what cargo-auditable puts into one, else the paths that the compiler leaves."""

import json
import zlib
from typing import Any

from bot.image.packages import elf
from bot.image.packages.layer_files import as_text
from bot.image.packages.package import Package

# Where the standard library's sources were: as Rust's own builds have it, and as Debian's have.
MARKS = (b"/rustc/", b"/rustc-1.")
_SECTION = ".dep-v0"
_MAX_LIST = 8 << 20


def read(path: str, program: bytes) -> Package:
    """The package of a Rust program, by the file's name if it does not say its own."""
    root = _root(program)
    name = as_text(root.get("name")) or path.rpartition("/")[2]
    return Package("rust", name, as_text(root.get("version")), (path,))


def _root(program: bytes) -> dict[str, Any]:
    """The crate that the program was built from, among all that are in it."""
    try:
        document = json.loads(
            zlib.decompressobj().decompress(elf.section(program, _SECTION), _MAX_LIST)
        )
    except (zlib.error, ValueError, RecursionError):
        return {}
    crates = document.get("packages") if isinstance(document, dict) else None
    listed = crates if isinstance(crates, list) else []
    return next((x for x in listed if isinstance(x, dict) and x.get("root") is True), {})
