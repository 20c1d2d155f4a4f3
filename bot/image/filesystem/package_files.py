"""The files of an image that the system's packages own, for rewrites and their checks."""

from collections.abc import Callable, Iterable

from bot.image.filesystem.paths import PathResolver
from bot.image.packages import apk, dpkg, rpm
from bot.image.packages.layer_files import LayerFiles
from bot.model.files import Entry, EntryKind

ReadFiles = Callable[[str, Callable[[str, int], bool]], Iterable[tuple[str, bytes]]]

_PACKAGE_DATABASES = (dpkg, apk, rpm)
_FILE_KINDS = (EntryKind.FILE, EntryKind.HARDLINK, EntryKind.SYMLINK)


def map_files_to_packages(
    read_files: ReadFiles, paths: PathResolver, entries: Iterable[Entry]
) -> dict[str, str]:
    """Return the names of the packages by the paths of their files in the tree."""

    def is_database(path: str, size: int) -> bool:
        return any(
            size <= database.MAX_DATABASE_BYTES and database.is_database(path)
            for database in _PACKAGE_DATABASES
        )

    contents = dict[str, bytes]()
    for folder in (
        folder for database in _PACKAGE_DATABASES for folder in database.DATABASE_FOLDERS
    ):
        if paths.is_directory(folder):
            contents.update(read_files(folder, is_database))
    layer = LayerFiles([entry.path for entry in entries if entry.kind in _FILE_KINDS], contents)
    owners = dict[str, str]()
    for database in _PACKAGE_DATABASES:
        for package in database.read_packages(layer):
            for file in package.files:
                owners[_resolve_in_tree(paths, file)] = package.name
    return owners


def _resolve_in_tree(paths: PathResolver, path: str) -> str:
    """Return a package's path in the tree, where `/bin` may link to `/usr/bin`."""
    folder, _, name = path.strip("/").rpartition("/")
    real = paths.resolve(folder)
    return f"{real}/{name}" if real else path.strip("/")
