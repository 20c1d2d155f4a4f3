"""Alpine's packages: apk's list of what is installed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.image.packages.layer_files import LayerFiles
from bot.image.packages.package import Package
from bot.image.packages.path_budget import PathBudget

DATABASE_FOLDERS = ("lib/apk/db", "usr/lib/apk/db")
ENDINGS = tuple(f"{folder}/installed" for folder in DATABASE_FOLDERS)
MAX_DATABASE_BYTES = 64 << 20
_VERSION_CONSTRAINT = re.compile(r"[<>=~]")


@dataclass(frozen=True, slots=True)
class ApkPackage:
    """A package of the database; dependencies are names, or `so:` and a library."""

    name: str
    version: str | None
    files: tuple[str, ...]
    dependencies: tuple[str, ...]


def is_database(path: str) -> bool:
    """Return True for a file that lists installed packages."""
    return path in ENDINGS


def read_packages(layer: LayerFiles) -> Iterator[Package]:
    """Yield the packages, with all their files: apk keeps them in one document."""
    for path in ENDINGS:
        for package in parse_database(layer.read_lines(path), layer.budget):
            yield Package("apk", package.name, package.version, package.files)


def parse_database(lines: Sequence[str], budget: PathBudget | None = None) -> Iterator[ApkPackage]:
    """Yield the packages of a database: a field a line, an empty line after each package.

    See "Apk spec" in Alpine's wiki.
    """
    # `P:` is the name, `V:` the version, `D:` its dependencies, `F:` a directory, `R:` its files.
    budget = budget or PathBudget()
    name, version, folder = "", None, ""
    files: list[str] = []
    dependencies: list[str] = []
    for line in [*lines, ""]:
        field, value = line[:2], line[2:]
        if field == "R:":
            files.append(budget.count(f"{folder}/{value}" if folder else value))
        elif field == "F:":
            folder = value
        elif field == "P:":
            name = value
        elif field == "V:":
            version = value
        elif field == "D:":
            dependencies = [_VERSION_CONSTRAINT.split(word)[0] for word in value.split()]
        elif not line and name:
            yield ApkPackage(name, version, tuple(files), tuple(dependencies))
            name, version, folder, files, dependencies = "", None, "", [], []
