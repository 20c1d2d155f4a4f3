"""Which files of an image the system's packages own."""

from collections.abc import Callable, Iterable

from bot.image.filesystem.paths import PathResolver
from bot.image.packages import apk, dpkg, rpm
from bot.image.packages.layer_files import LayerFiles
from bot.model.files import Entry, EntryKind

ReadFiles = Callable[[str, Callable[[str, int], bool]], Iterable[tuple[str, bytes]]]

_PACKAGE_DATABASES = (dpkg, apk, rpm)
_DATABASE_FOLDERS = (
    "var/lib/dpkg",
    "lib/apk/db",
    "usr/lib/apk/db",
    "var/lib/rpm",
    "usr/lib/sysimage/rpm",
)
_FILE_KINDS = (EntryKind.FILE, EntryKind.HARDLINK, EntryKind.SYMLINK)


def map_files_to_packages(
    read_files: ReadFiles, paths: PathResolver, entries: Iterable[Entry]
) -> dict[str, str]:
    """The names of the packages by the paths of their files, as the tree has them."""

    def wanted(path: str, size: int) -> bool:
        return any(
            size <= reader.MAX_DATABASE_BYTES and reader.is_database(path)
            for reader in _PACKAGE_DATABASES
        )

    contents = dict[str, bytes]()
    for folder in _DATABASE_FOLDERS:
        if paths.is_directory(folder):
            contents.update(read_files(folder, wanted))
    evidence = LayerFiles([entry.path for entry in entries if entry.kind in _FILE_KINDS], contents)
    found = dict[str, str]()
    for reader in _PACKAGE_DATABASES:
        for package in reader.read_packages(evidence):
            for file in package.files:
                found[_resolve_in_tree(paths, file)] = package.name
    return found


def _resolve_in_tree(paths: PathResolver, path: str) -> str:
    """A package's path in the tree: `/bin` may be a link to `/usr/bin` there."""
    folder, _, name = path.strip("/").rpartition("/")
    real = paths.resolve(folder)
    return f"{real}/{name}" if real else path.strip("/")
