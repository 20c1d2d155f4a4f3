"""The files of the system's packages, under the paths of the tree."""

from collections.abc import Callable

from bot.image.filesystem.package_files import map_files_to_packages
from bot.image.filesystem.paths import PathResolver
from bot.model.files import Entry, EntryKind
from tests.support.image_files import ImageFiles


def test_debians_and_alpines_packages() -> None:
    files = {
        "var/lib/dpkg/status": b"Package: bash\nVersion: 5\n",
        "var/lib/dpkg/info/bash.list": b"/.\n/bin\n/bin/bash\n/usr/share/bash\n",
        "lib/apk/db/installed": b"P:musl\nV:1\nF:lib\nR:ld-musl.so\n\n",
        "usr/bin/bash": b"",
    }
    entries = [Entry(path, EntryKind.FILE, 1) for path in files]
    entries.append(Entry("bin", EntryKind.SYMLINK, 0, link="usr/bin"))
    packages = map_files_to_packages(
        ImageFiles(files).read_below, PathResolver({x.path: x for x in entries}), entries
    )
    assert packages["usr/bin/bash"] == "bash"
    assert packages["lib/ld-musl.so"] == "musl"
    assert packages["var/lib/dpkg/info/bash.list"] == "bash"
    assert "bin/bash" not in packages


def test_every_folder_of_a_database_is_read() -> None:
    read_folders: list[str] = []

    def read_files(folder: str, _: Callable[[str, int], bool]) -> list[tuple[str, bytes]]:
        read_folders.append(folder)
        return []

    folders = {"var/lib/dpkg", "usr/lib/apk/db", "usr/share/rpm", "usr/lib/sysimage/rpm"}
    entries = {f"{folder}/file": Entry(f"{folder}/file", EntryKind.FILE, 1) for folder in folders}
    assert map_files_to_packages(read_files, PathResolver(entries), ()) == {}
    assert set(read_folders) == folders
