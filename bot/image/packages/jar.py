"""Java's archives: the jar itself, and the jars inside a fat one."""

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence

from bot.image.packages.package import Package

SUFFIXES = frozenset({"jar", "war", "ear"})
_ARCHIVE_SUFFIXES = tuple(f".{suffix}" for suffix in SUFFIXES)
# `log4j-1.2-api-2.17.1`, `guava-33.0-jre`: the version is the last number and the words after it.
_FULL_NAME_PATTERN = re.compile(r"(?P<name>.+)-(?P<version>\d[^-]*(?:-[A-Za-z][\w.]*)*)")
_POM_PROPERTIES_PATTERN = re.compile(r"META-INF/maven/[^/]+/[^/]+/pom\.properties")
# NAME_MAX of Linux; names inside of an archive may be longer.
_MAX_NAME_LENGTH = 255
_MAX_MEMBERS = 20_000
_MAX_PROPERTIES_BYTES = 65_536
_BOUNDED_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# The central directory of 20,000 members, 200 bytes each.
_TAIL_BYTES = 4 << 20
# What zipfile raises on broken, encrypted or exotic archives.
_READ_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    ValueError,
    OSError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    LookupError,
    ArithmeticError,
    TypeError,
    AssertionError,
    struct.error,
)

_NameAndVersion = tuple[str, str | None]


class JarProbe:
    """The end of a jar, where its table of contents is, kept until it was read."""

    is_done = False
    is_binary = True

    def __init__(self, path: str, size: int) -> None:
        self._path, self._remaining, self._tail = path, size, bytearray()
        self.packages: Sequence[Package] = ()

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the file."""
        self._tail += data
        del self._tail[:-_TAIL_BYTES]
        self._remaining -= len(data)
        if self._remaining <= 0:
            self.packages = tuple(_read_packages(self._path, bytes(self._tail)))
            self._tail.clear()


def _read_packages(path: str, tail: bytes) -> Iterator[Package]:
    name, version, inner_jars = *_parse_file_name(path), list[Package]()
    try:
        with zipfile.ZipFile(io.BytesIO(tail)) as archive:
            inner_jars = [*_read_inner_jars(archive, path)]
            name, version = _read_maven_artifact(archive, name, version)
    except _READ_ERRORS:
        pass
    # A jar that cannot be read still has the name of its file.
    yield Package("jar", name, version, (path,))
    yield from inner_jars


def _read_inner_jars(archive: zipfile.ZipFile, path: str) -> Iterator[Package]:
    """Yield the jars inside, each with its compressed size."""
    for member in archive.infolist()[:_MAX_MEMBERS]:
        if member.filename.endswith(_ARCHIVE_SUFFIXES):
            name, version = _parse_file_name(member.filename)
            yield Package("jar", name, version, embedded_bytes={path: member.compress_size})


def _read_maven_artifact(
    archive: zipfile.ZipFile, name: str, version: str | None
) -> _NameAndVersion:
    """Return name and version from Maven's properties, else those of the file's name.

    They count if the jar has one artifact, or if shading left several and one has the file's name.
    """
    members = filter(_POM_PROPERTIES_PATTERN.fullmatch, archive.namelist()[:_MAX_MEMBERS])
    artifacts = {posixpath.basename(posixpath.dirname(member)): member for member in members}
    if name not in artifacts and len(artifacts) != 1:
        return name, version
    artifact = name if name in artifacts else next(iter(artifacts))
    return artifact, _read_maven_version(archive, artifacts[artifact]) or version


def _read_maven_version(archive: zipfile.ZipFile, properties: str) -> str | None:
    """Return the version in Maven's properties; None if they lie before the kept tail."""
    # Only deflate is read piece by piece: other methods unpack megabytes to gigabytes at once.
    if archive.getinfo(properties).compress_type not in _BOUNDED_METHODS:
        return None
    try:
        with archive.open(properties) as document:
            text = document.read(_MAX_PROPERTIES_BYTES).decode(errors="replace")
    except _READ_ERRORS:
        return None
    lines = (line.strip().partition("=") for line in text.split("\n"))
    return next((value for key, _, value in lines if key == "version" and value), None)


def _parse_file_name(path: str) -> _NameAndVersion:
    """Return the name and version in a file's name."""
    stem = path.rpartition("/")[2].rpartition(".")[0][:_MAX_NAME_LENGTH]
    match = _FULL_NAME_PATTERN.fullmatch(stem)
    return (match["name"], match["version"]) if match else (stem, None)
