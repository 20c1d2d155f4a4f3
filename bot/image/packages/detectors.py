"""The detectors of packages, and the probes for the files that they need.

Contents pass by once, as a stream, or are fetched file by file. Either way `create_probe` decides
for each file whether its content is needed, the probe is fed, and `read_packages` evaluates all of
them.
"""

from collections.abc import Mapping, Sequence
from types import ModuleType

from bot.image.packages import apk, composer, dpkg, executables, gem, jar, node, python, rpm
from bot.image.packages.captured_file import CapturedFile
from bot.image.packages.executables import ProgramProbe
from bot.image.packages.jar import JarProbe
from bot.image.packages.layer_files import LayerFiles
from bot.image.packages.package import SYSTEM_KINDS, Package
from bot.model.files import Entry, EntryKind

# Probes take the content of one file by `feed`. Those with `is_binary` declare their own package,
# which counts only where no system package owns the file; the others are databases.
Probe = CapturedFile | JarProbe | ProgramProbe

_DATABASES = (dpkg, apk, rpm, python, node, composer)
_DETECTORS = (*_DATABASES, gem)
# Looked up by what follows the last dot of a path, which rules out nearly every file at once.
_DATABASES_BY_ENDING = {
    ending: [database for database in _DATABASES if ending in database.ENDINGS]
    for ending in sorted({ending for database in _DATABASES for ending in database.ENDINGS})
}
_FILE_KINDS = (EntryKind.FILE, EntryKind.HARDLINK)
_EXECUTABLE_BITS = 0o111
_MAX_CAPTURED_BYTES = 256 << 20


def create_probe(path: str, size: int, mode: int) -> Probe | None:
    """Return the probe for a regular file's content; None if no detector needs it."""
    ending = path.rpartition(".")[2]
    if ending in _DATABASES_BY_ENDING and _is_database(path, size, _DATABASES_BY_ENDING[ending]):
        return CapturedFile()
    if ending in jar.SUFFIXES:
        return JarProbe(path, size)
    if mode & _EXECUTABLE_BITS and executables.is_candidate(path, size):
        return ProgramProbe(path, size)
    # Its files are named after packages, so their endings say nothing.
    if path.startswith(dpkg.STATUS_D) and size <= dpkg.MAX_DATABASE_BYTES:
        return CapturedFile()
    return None


def _is_database(path: str, size: int, databases: Sequence[ModuleType]) -> bool:
    return any(
        size <= database.MAX_DATABASE_BYTES and database.is_database(path) for database in databases
    )


class LayerProbes(dict[str, Probe]):
    """The probes of one layer by path; together they keep a bounded number of bytes."""

    def __init__(self) -> None:
        super().__init__()
        self._remaining_bytes = _MAX_CAPTURED_BYTES

    def add_probe(self, path: str, size: int, mode: int) -> Probe | None:
        """Create the probe of a file and add it, as long as the bound allows."""
        probe = create_probe(path, size, mode)
        if isinstance(probe, CapturedFile):
            self._remaining_bytes -= size
        if probe is None or self._remaining_bytes < 0:
            return None
        self[path] = probe
        return probe


def read_packages(entries: Sequence[Entry], probes: Mapping[str, Probe]) -> tuple[Package, ...]:
    """Return the packages that a layer's own files name; unreadable files name none."""
    return (*read_listed_packages(entries, probes), *read_binary_packages(probes))


def read_listed_packages(
    entries: Sequence[Entry], probes: Mapping[str, Probe]
) -> tuple[Package, ...]:
    """Return the packages that a database lists, or that the names of files show."""
    paths = [entry.path for entry in entries if entry.kind in _FILE_KINDS]
    contents = {
        path: probe.content for path, probe in probes.items() if isinstance(probe, CapturedFile)
    }
    layer = LayerFiles(paths, contents)
    return tuple(package for detector in _DETECTORS for package in detector.read_packages(layer))


def read_binary_packages(probes: Mapping[str, Probe]) -> tuple[Package, ...]:
    """Return the packages that programs and jars declare themselves."""
    binaries = [probe for probe in probes.values() if not isinstance(probe, CapturedFile)]
    return tuple(package for probe in binaries for package in probe.packages)


def create_probes(entries: Sequence[Entry]) -> tuple[dict[str, Probe], dict[str, Probe]]:
    """Create the probes for a caller that fetches file by file: for databases, and for binaries.

    Manifests that npm repeats in one lock file are left out. Of the binaries only those of
    `select_unowned_binaries` need to be fetched.
    """
    probes = LayerProbes()
    for entry in entries:
        if entry.size and entry.kind is EntryKind.FILE:
            probes.add_probe(entry.path, entry.size, entry.mode)
    is_locked = node.make_locked_manifest_filter(probes)
    binaries = {path: probe for path, probe in probes.items() if probe.is_binary}
    databases = {
        path: probe
        for path, probe in probes.items()
        if path not in binaries and not is_locked(path)
    }
    return databases, binaries


def select_unowned_binaries(
    probes: Mapping[str, Probe], packages: Sequence[Package]
) -> dict[str, Probe]:
    """Return the probes of programs and jars that no system package owns.

    `packages` are those of this layer and of the ones below. Paths are compared with and without
    the `usr/` prefix (usrmerge).
    """
    if not probes:
        return {}
    owned = {file for package in packages if package.kind in SYSTEM_KINDS for file in package.files}
    return {
        path: probe
        for path, probe in probes.items()
        if not owned & {path, path.removeprefix("usr/")}
    }
