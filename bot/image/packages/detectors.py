"""Which files of a layer tell of packages, and what they tell.

Contents pass by once, as a stream, or are fetched file by file. Either way `probe` says of each file
whether its content is wanted, the probe is fed, and `packages_in` reads them all at the end.
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

# What takes in the content of one file by `feed`. A `binary` says itself what it is, which matters
# only where no system's package owns it; the rest are databases.
Probe = CapturedFile | JarProbe | ProgramProbe

_DATABASES = (dpkg, apk, rpm, python, node, composer)
_DETECTORS = (*_DATABASES, gem)
# Nearly every file is told by what follows the last dot of its path to be none of them.
_DATABASES_BY_ENDING = {
    ending: [x for x in _DATABASES if ending in x.ENDINGS]
    for x in _DATABASES
    for ending in x.ENDINGS
}
_FILE_KINDS = (EntryKind.FILE, EntryKind.HARDLINK)
_EXECUTABLE_BITS = 0o111
_MAX_CAPTURED_BYTES = 256 << 20


def create_probe(path: str, size: int, mode: int) -> Probe | None:
    """What the content of a regular file is to be fed to; None if nobody wants it."""
    ending = path.rpartition(".")[2]
    if ending in _DATABASES_BY_ENDING and _is_database(path, size, _DATABASES_BY_ENDING[ending]):
        return CapturedFile()
    if ending in jar.SUFFIXES:
        return JarProbe(path, size)
    if mode & _EXECUTABLE_BITS and executables.is_candidate(path, size):
        return ProgramProbe(path, size)
    if path.startswith(dpkg.STATUS_D) and size <= dpkg.MAX_DATABASE_BYTES:
        return CapturedFile()
    return None


def _is_database(path: str, size: int, databases: Sequence[ModuleType]) -> bool:
    return any(
        size <= database.MAX_DATABASE_BYTES and database.is_database(path) for database in databases
    )


class LayerProbes(dict[str, Probe]):
    """The probes of one layer by path; together they keep no more than a real layer makes them."""

    def __init__(self) -> None:
        super().__init__()
        self._remaining_bytes = _MAX_CAPTURED_BYTES

    def add_probe(self, path: str, size: int, mode: int) -> Probe | None:
        """As `probe`, and remembers it."""
        found = create_probe(path, size, mode)
        if isinstance(found, CapturedFile):
            self._remaining_bytes -= size
        if found is None or self._remaining_bytes < 0:
            return None
        self[path] = found
        return found


def read_packages(entries: Sequence[Entry], probes: Mapping[str, Probe]) -> tuple[Package, ...]:
    """The packages that a layer's own files tell of. What can't be read tells nothing."""
    return (*read_listed_packages(entries, probes), *read_binary_packages(probes))


def read_listed_packages(
    entries: Sequence[Entry], probes: Mapping[str, Probe]
) -> tuple[Package, ...]:
    """Those that a database lists, or the names of the files themselves."""
    paths = [entry.path for entry in entries if entry.kind in _FILE_KINDS]
    kept = {
        path: found.content for path, found in probes.items() if isinstance(found, CapturedFile)
    }
    layer = LayerFiles(paths, kept)
    return tuple(package for reader in _DETECTORS for package in reader.read_packages(layer))


def read_binary_packages(probes: Mapping[str, Probe]) -> tuple[Package, ...]:
    """Those that programs and jars say that they are made of."""
    return tuple(
        x
        for found in probes.values()
        if not isinstance(found, CapturedFile)
        for x in found.packages
    )


def create_probes(entries: Sequence[Entry]) -> tuple[dict[str, Probe], dict[str, Probe]]:
    """For whoever fetches file by file, all that is wanted of a layer: the databases, but for
    manifests that npm has gathered into one file, and the binaries, of which see `binaries`."""
    probes = LayerProbes()
    for entry in entries:
        if entry.size and entry.kind is EntryKind.FILE:
            probes.add_probe(entry.path, entry.size, entry.mode)
    gathered = node.make_locked_manifest_filter(probes)
    listing = {path: x for path, x in probes.items() if not x.is_binary and not gathered(path)}
    return listing, {path: x for path, x in probes.items() if x.is_binary}


def select_unowned_binaries(
    probes: Mapping[str, Probe], packages: Sequence[Package]
) -> dict[str, Probe]:
    """The programs and jars that none of the system's packages owns, be it that it knows `/usr/bin`
    as `/bin`. `packages` are those of this layer and of the ones below."""
    if not probes:
        return {}
    owned = {file for package in packages if package.kind in SYSTEM_KINDS for file in package.files}
    return {path: x for path, x in probes.items() if not owned & {path, path.removeprefix("usr/")}}
