"""Caches of builds, as `--cache-from` and `--cache-to` of buildx name them, and who writes them."""

import re
from dataclasses import dataclass
from enum import Enum, StrEnum

IMAGE_PLACE = "{image}"
_NOT_IN_NAMES = re.compile(r"[^a-z0-9_.]+", re.ASCII)
_FOLDER_FIELDS = ("src", "dest")


class CacheKind(StrEnum):
    """The place of a cache; the text is that of buildx's `type`."""

    GHA = "gha"
    REGISTRY = "registry"
    LOCAL = "local"
    INLINE = "inline"


@dataclass(frozen=True, slots=True)
class BuildCache:
    """A cache that builds read or write, with buildx's further fields in their order."""

    kind: CacheKind
    fields: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        """Return the cache as buildx takes it."""
        return ",".join([f"type={self.kind}", *(f"{name}={value}" for name, value in self.fields)])

    @property
    def folder(self) -> str:
        """The folder of a local cache; empty for others."""
        values = [value for name, value in self.fields if name in _FOLDER_FIELDS]
        return values[0] if values else ""

    def move(self, folder: str) -> "BuildCache":
        """Return a local cache with another folder."""
        fields = tuple((x, folder if x in _FOLDER_FIELDS else value) for x, value in self.fields)
        return BuildCache(self.kind, fields)

    def place_image(self, name: str) -> "BuildCache":
        """Return the cache of an image: its name in place of `{image}`."""
        word = _NOT_IN_NAMES.sub("-", name.lower()).strip("-._") or "image"
        fields = tuple((x, value.replace(IMAGE_PLACE, word)) for x, value in self.fields)
        return BuildCache(self.kind, fields)

    def set_default(self, name: str, value: str) -> "BuildCache":
        """Return the cache with a field, unless it has one of that name."""
        fields = dict(self.fields)
        return BuildCache(self.kind, tuple({name: value, **fields}.items()))


class CacheWriter(Enum):
    """The starter of builds, on whom it depends which caches they may write.

    What others read is for the default branch alone: otherwise a pull request could make the base
    of another one look larger than it is. GitHub keeps what a pull request writes from all others.
    """

    DEFAULT_BRANCH = "a push to the default branch"
    PULL_REQUEST = "a pull request of the repository itself"
    OTHER = "anything else"

    def may_write(self, cache: BuildCache) -> bool:
        """Return True if a cache may be written."""
        if self is CacheWriter.PULL_REQUEST:
            return cache.kind is CacheKind.GHA
        return self is CacheWriter.DEFAULT_BRANCH
