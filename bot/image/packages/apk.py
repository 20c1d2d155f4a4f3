"""Alpine's packages: apk's list of what is installed."""

from collections.abc import Iterator

from bot.image.packages.layer_files import LayerFiles
from bot.image.packages.package import Package

ENDINGS = ("lib/apk/db/installed", "usr/lib/apk/db/installed")
MAX_DATABASE_BYTES = 64 << 20


def is_database(path: str) -> bool:
    """Return True for a file that lists installed packages."""
    return path in ENDINGS


def read_packages(layer: LayerFiles) -> Iterator[Package]:
    """Yield the packages, with all their files: apk keeps them in one document."""
    for path in ENDINGS:
        yield from _parse_database(layer.read_lines(path))


def _parse_database(lines: list[str]) -> Iterator[Package]:
    """Yield the packages of a database: a field a line, an empty line after each package."""
    # `P:` is the name, `V:` the version, `F:` a directory, `R:` a file in it.
    name, version, folder = "", None, ""
    files: list[str] = []
    for line in [*lines, ""]:
        field, value = line[:2], line[2:]
        if field == "R:":
            files.append(f"{folder}/{value}" if folder else value)
        elif field == "F:":
            folder = value
        elif field == "P:":
            name = value
        elif field == "V:":
            version = value
        elif not line and name:
            yield Package("apk", name, version, tuple(files))
            name, version, folder, files = "", None, "", []
