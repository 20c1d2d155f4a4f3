"""The largest parts of one image: packages, folders and files. All sizes are bytes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PackageSize:
    """A package, or the directory of files without one, and its bytes in an image or a layer."""

    kind: str
    name: str
    version: str | None
    bytes: int


@dataclass(frozen=True, slots=True)
class PathSize:
    """A file or a folder, and its bytes that a container sees."""

    path: str
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Contents:
    """The largest parts of an image, the largest first.

    A package counts everything that layers ship, a folder or a file what a container sees.
    """

    packages: tuple[PackageSize, ...] = ()
    folders: tuple[PathSize, ...] = ()
    files: tuple[PathSize, ...] = ()
