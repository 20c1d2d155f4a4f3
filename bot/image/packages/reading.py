"""Which files of a layer tell of packages, and what they tell.

Contents pass by once, as a stream, or are fetched file by file. Either way `probe` says of each file
whether its content is wanted, the probe is fed, and `packages_in` reads them all at the end.
"""

from collections.abc import Mapping, Sequence

from bot.core.entries import Entry, Kind
from bot.image.packages import apk, dpkg, node, python
from bot.image.packages.evidence import Evidence
from bot.image.packages.kept import Kept
from bot.image.packages.package import Package

Probe = Kept

_READERS = (dpkg, apk, python, node)
_BY_FOLDER = {dpkg.FOLDER: dpkg.wants} | dict.fromkeys(apk.FOLDERS, apk.wants)
_FOLDERS = tuple(_BY_FOLDER)
_BY_NAME = dict.fromkeys(python.NAMES, python.wants) | dict.fromkeys(node.NAMES, node.wants)
_BY_SUFFIX = {python.SUFFIX: python.wants}

_MAX_DATABASE = 64 << 20
_MAX_KEPT = 256 << 20


def probe(path: str, size: int, mode: int) -> Probe | None:
    """What the content of a regular file is to be fed to; None if nobody wants it."""
    name = path.rpartition("/")[2]
    wants = _BY_NAME.get(name) or _BY_SUFFIX.get(name.rpartition(".")[2])
    if wants is None and path.startswith(_FOLDERS):
        wants = next(_BY_FOLDER[folder] for folder in _FOLDERS if path.startswith(folder))
    return Kept() if wants is not None and size <= _MAX_DATABASE and wants(path) else None


class Probes(dict[str, Probe]):
    """The probes of one layer by path; together they keep no more than a real layer makes them."""

    def __init__(self) -> None:
        super().__init__()
        self._left = _MAX_KEPT

    def ask(self, path: str, size: int, mode: int) -> Probe | None:
        """As `probe`, and remembers it."""
        found = probe(path, size, mode)
        if found is None or size > self._left:
            return None
        self._left -= size
        self[path] = found
        return found


def packages_in(entries: Sequence[Entry], probes: Mapping[str, Probe]) -> tuple[Package, ...]:
    """The packages that a layer's own files tell of. What can't be read tells nothing."""
    paths = [entry.path for entry in entries if entry.kind is Kind.FILE]
    layer = Evidence(paths, {path: kept.content for path, kept in probes.items()})
    return tuple(package for reader in _READERS for package in reader.packages(layer))


def databases(entries: Sequence[Entry]) -> Probes:
    """For whoever fetches file by file, what to fetch first: all but the binaries. Manifests that
    npm has gathered into one file are left out."""
    probes = Probes()
    gathered = node.gathered(entry.path for entry in entries)
    for entry in entries:
        if entry.size and entry.kind is Kind.FILE and not gathered(entry.path):
            probes.ask(entry.path, entry.size, entry.mode)
    return probes
