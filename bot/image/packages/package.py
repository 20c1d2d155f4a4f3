"""A package as a database or a file in a layer describes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Kinds with a database of all packages of the system, and kinds that a file names itself.
SYSTEM_KINDS = frozenset({"deb", "apk", "rpm"})
BINARY_KINDS = frozenset({"jar", "go", "rust"})


@dataclass(frozen=True, slots=True)
class Package:
    """A package as the files of one layer describe it.

    `kind` is one of the report's owner kinds (deb, apk, rpm, pypi, npm, gem, jar, go, rust, other).
    It owns exact `files`, whole `directories` (the deepest wins), and `embedded_bytes` by path: its
    size inside another file, such as a jar's in a fat jar. Paths are relative to the root. A
    package that a database names without its files has none here, since a lower layer lists them.
    """

    kind: str
    name: str
    version: str | None
    files: tuple[str, ...] = ()
    directories: tuple[str, ...] = ()
    embedded_bytes: Mapping[str, int] = field(default_factory=dict)
