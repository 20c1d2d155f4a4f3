"""Which files of an image the system's packages own."""

from collections.abc import Callable, Iterable

from bot.image.filesystem.paths import Paths
from bot.image.packages import apk, dpkg, rpm
from bot.image.packages.layer_files import Evidence
from bot.model.files import Entry, Kind

Below = Callable[[str, Callable[[str, int], bool]], Iterable[tuple[str, bytes]]]

_READERS = (dpkg, apk, rpm)
_FOLDERS = ("var/lib/dpkg", "lib/apk/db", "usr/lib/apk/db", "var/lib/rpm", "usr/lib/sysimage/rpm")
_FILES = (Kind.FILE, Kind.HARDLINK, Kind.SYMLINK)


def installed(below: Below, paths: Paths, entries: Iterable[Entry]) -> dict[str, str]:
    """The names of the packages by the paths of their files, as the tree has them."""

    def wanted(path: str, size: int) -> bool:
        return any(size <= reader.MAX_SIZE and reader.wants(path) for reader in _READERS)

    contents = dict[str, bytes]()
    for folder in _FOLDERS:
        if paths.is_directory(folder):
            contents.update(below(folder, wanted))
    evidence = Evidence([entry.path for entry in entries if entry.kind in _FILES], contents)
    found = dict[str, str]()
    for reader in _READERS:
        for package in reader.packages(evidence):
            for file in package.files:
                found[_in_tree(paths, file)] = package.name
    return found


def _in_tree(paths: Paths, file: str) -> str:
    """A package's path in the tree: `/bin` may be a link to `/usr/bin` there."""
    folder, _, name = file.strip("/").rpartition("/")
    real = paths.real(folder)
    return f"{real}/{name}" if real else file.strip("/")
