"""The bytes of an image as trees of named parts, coarse enough for a page. All sizes are bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class PartKind(StrEnum):
    """The kind of a part; the text is that of the JSON report."""

    LAYER = "layer"
    HIDDEN = "hidden"  # the files of a layer that later layers hide
    FOLDER = "folder"
    FILE = "file"
    PACKAGES = "packages"  # all packages of one kind
    PACKAGE = "package"
    REST = "rest"  # everything beside its siblings, each of which is too small to be named


@dataclass(frozen=True, slots=True)
class SizePart:
    """A part of an image; the bytes of its `parts`, where it has any, add up to its own.

    `name` is relative to the part above: `lib/python3` in the folder `usr`. `files` is 0 where
    their number is unknown. A layer has its `index` in the image.
    """

    kind: PartKind
    name: str
    bytes: int
    files: int = 0
    parts: tuple[SizePart, ...] = ()
    index: int | None = None

    def walk(self) -> Iterator[SizePart]:
        """Yield the part itself and all below it."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True, slots=True)
class SizeTree:
    """An image twice: layer by layer with their folders and files, and package by package.

    Each adds up to the bytes of all layers. Without the packages' sizes, `packages` is empty.
    """

    layers: tuple[SizePart, ...]
    packages: tuple[SizePart, ...] = ()
