"""Programs that the old image has and the new one lacks, and the packages that they are from."""

from collections.abc import Mapping

from bot.model.files import EntryKind
from bot.verify.image_pair import ImagePair


def list_lost_programs(pair: ImagePair) -> Mapping[str, str]:
    """Return the programs in the old image's `PATH` that the new image lacks.

    Each with its package, which is empty for a program of a toolchain, or one that a `RUN` made.
    """
    old, new = pair.old, pair.new
    folders = {folder.strip("/") for folder in old.search_path.split(":")}
    lost_programs: dict[str, str] = {}
    for path, entry in old.image.tree.items():
        folder, _, name = path.rpartition("/")
        is_executable = entry.kind is EntryKind.SYMLINK or bool(entry.mode & 0o111)
        if folder in folders and is_executable and new.find_program(name) is None:
            lost_programs[name] = find_package(pair, path)
    return lost_programs


def find_package(pair: ImagePair, path: str) -> str:
    """Return the package that owns a program of the old image, or what it links to."""
    owners = pair.old.packaged_files
    return owners.get(path) or owners.get(pair.old.paths.resolve(path) or "") or ""
