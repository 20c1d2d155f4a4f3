"""Which files of a layer tell of packages, and what they tell.

Contents pass by once, as a stream, or are fetched file by file. Either way `probe` says of each file
whether its content is wanted, the probe is fed, and `packages_in` reads them all at the end.
"""

from collections.abc import Mapping, Sequence
from types import ModuleType

from bot.image.packages import apk, composer, dpkg, executables, gem, jar, node, python, rpm
from bot.image.packages.captured_file import Kept
from bot.image.packages.executables import Program
from bot.image.packages.jar import Jar
from bot.image.packages.layer_files import Evidence
from bot.image.packages.package import SYSTEMS, Package
from bot.model.files import Entry, Kind

# What takes in the content of one file by `feed`. A `binary` says itself what it is, which matters
# only where no system's package owns it; the rest are databases.
Probe = Kept | Jar | Program

_DATABASES = (dpkg, apk, rpm, python, node, composer)
_READERS = (*_DATABASES, gem)
# Nearly every file is told by what follows the last dot of its path to be none of them.
_BY_ENDING = {
    ending: [x for x in _DATABASES if ending in x.ENDINGS]
    for x in _DATABASES
    for ending in x.ENDINGS
}
_FILES = (Kind.FILE, Kind.HARDLINK)
_EXECUTABLE = 0o111
_MAX_KEPT = 256 << 20


def probe(path: str, size: int, mode: int) -> Probe | None:
    """What the content of a regular file is to be fed to; None if nobody wants it."""
    ending = path.rpartition(".")[2]
    if ending in _BY_ENDING and _wanted(path, size, _BY_ENDING[ending]):
        return Kept()
    if ending in jar.SUFFIXES:
        return Jar(path, size)
    if mode & _EXECUTABLE and executables.wants(path, size):
        return Program(path, size)
    if path.startswith(dpkg.STATUS_D) and size <= dpkg.MAX_SIZE:
        return Kept()
    return None


def _wanted(path: str, size: int, databases: Sequence[ModuleType]) -> bool:
    return any(size <= database.MAX_SIZE and database.wants(path) for database in databases)


class Probes(dict[str, Probe]):
    """The probes of one layer by path; together they keep no more than a real layer makes them."""

    def __init__(self) -> None:
        super().__init__()
        self._left = _MAX_KEPT

    def ask(self, path: str, size: int, mode: int) -> Probe | None:
        """As `probe`, and remembers it."""
        found = probe(path, size, mode)
        if isinstance(found, Kept):
            self._left -= size
        if found is None or self._left < 0:
            return None
        self[path] = found
        return found


def packages_in(entries: Sequence[Entry], probes: Mapping[str, Probe]) -> tuple[Package, ...]:
    """The packages that a layer's own files tell of. What can't be read tells nothing."""
    return (*listed_in(entries, probes), *told_by(probes))


def listed_in(entries: Sequence[Entry], probes: Mapping[str, Probe]) -> tuple[Package, ...]:
    """Those that a database lists, or the names of the files themselves."""
    paths = [entry.path for entry in entries if entry.kind in _FILES]
    kept = {path: found.content for path, found in probes.items() if isinstance(found, Kept)}
    layer = Evidence(paths, kept)
    return tuple(package for reader in _READERS for package in reader.packages(layer))


def told_by(probes: Mapping[str, Probe]) -> tuple[Package, ...]:
    """Those that programs and jars say that they are made of."""
    return tuple(
        x for found in probes.values() if not isinstance(found, Kept) for x in found.packages
    )


def asked(entries: Sequence[Entry]) -> tuple[dict[str, Probe], dict[str, Probe]]:
    """For whoever fetches file by file, all that is wanted of a layer: the databases, but for
    manifests that npm has gathered into one file, and the binaries, of which see `binaries`."""
    probes = Probes()
    for entry in entries:
        if entry.size and entry.kind is Kind.FILE:
            probes.ask(entry.path, entry.size, entry.mode)
    gathered = node.gathered(probes)
    listing = {path: x for path, x in probes.items() if not x.binary and not gathered(path)}
    return listing, {path: x for path, x in probes.items() if x.binary}


def binaries(probes: Mapping[str, Probe], packages: Sequence[Package]) -> dict[str, Probe]:
    """The programs and jars that none of the system's packages owns, be it that it knows `/usr/bin`
    as `/bin`. `packages` are those of this layer and of the ones below."""
    if not probes:
        return {}
    owned = {file for package in packages if package.kind in SYSTEMS for file in package.files}
    return {path: x for path, x in probes.items() if not owned & {path, path.removeprefix("usr/")}}
