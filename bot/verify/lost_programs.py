"""Programs that the old image has and the new one lacks, and the packages that they are from."""

from collections.abc import Mapping

from bot.model.files import EntryKind
from bot.verify.image_pair import ImagePair


def find_lost_program(pair: ImagePair, name: str) -> str | None:
    """Return the path of a program in the old image if the new image lacks it.

    It lacks it, too, if it has the base image's program of the same name in its place.
    """
    old_path, new_path = pair.old.find_program(name), pair.new.find_program(name)
    if old_path is None or new_path is None:
        return old_path
    return old_path if _is_base_program(pair, old_path, new_path) else None


def is_replaced_link(pair: ImagePair, path: str) -> bool:
    """Return True for a link of the old image to a program, in whose place the base has another.

    `npm install --global --force yarn` links over the program that the image of Node has.
    """
    old_path, new_path = pair.old.paths.resolve(path), pair.new.paths.resolve(path)
    if old_path is None or new_path is None:
        return False
    is_link = pair.old.image.tree[path].kind is EntryKind.SYMLINK
    return is_link and _is_base_program(pair, old_path, new_path)


def _is_base_program(pair: ImagePair, old_path: str, new_path: str) -> bool:
    """Return True if the old program was installed and is gone, and the new one is the base's."""
    return (
        pair.old.is_added_by_dockerfile(old_path)
        and old_path not in pair.new.image.tree
        and not pair.new.is_added_by_dockerfile(new_path)
    )


def list_lost_programs(pair: ImagePair) -> Mapping[str, str]:
    """Return the programs in the old image's `PATH` that the new image lacks.

    Each with its package, which is empty for a program of a toolchain, or one that a `RUN` made.
    """
    old = pair.old
    folders = {folder.strip("/") for folder in old.search_path.split(":")}
    lost_programs: dict[str, str] = {}
    for path, entry in old.image.tree.items():
        folder, _, name = path.rpartition("/")
        is_executable = entry.kind is EntryKind.SYMLINK or bool(entry.mode & 0o111)
        if folder in folders and is_executable and find_lost_program(pair, name):
            lost_programs[name] = find_package(pair, path)
    return lost_programs


def find_package(pair: ImagePair, path: str) -> str:
    """Return the package that owns a program of the old image, or what it links to."""
    owners = pair.old.packaged_files
    return owners.get(path) or owners.get(pair.old.paths.resolve(path) or "") or ""
