"""What a package database says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Kinds whose databases name every package of the system, and kinds that a file tells of itself.
SYSTEM_KINDS = frozenset({"deb", "apk", "rpm"})
BINARY_KINDS = frozenset({"jar", "go", "rust"})


@dataclass(frozen=True, slots=True)
class Package:
    """A package as one layer's own files tell of it.

    `kind` is one of the contract's (deb, apk, rpm, pypi, npm, gem, jar, go, rust, other). What is
    owned is said by exact `files`, by whole `directories` (the deepest wins), and by `shares`: bytes
    inside a file that are another's, such as a jar's in a fat jar. Paths are relative to the root.
    A package that a database names without its files has none here: a lower layer told of them.
    """

    kind: str
    name: str
    version: str | None
    files: tuple[str, ...] = ()
    directories: tuple[str, ...] = ()
    embedded_bytes: Mapping[str, int] = field(default_factory=dict)
