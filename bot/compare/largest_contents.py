"""The largest packages, folders and files of an image."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from heapq import nlargest
from itertools import islice

from bot.compare.directory_rollup import find_representatives, group_by_directory
from bot.model.files import DIRECTORY_KIND, Entry, EntryKind, OwnerKey
from bot.model.image import Image
from bot.model.largest_parts import Contents, PackageSize, PathSize

_MAX_ROWS = 10
_MAX_OWNERS = 3


def find_largest_contents(image: Image) -> Contents | None:
    """Return the largest parts of an image; None if its files are unknown."""
    # Files that are counted and not listed: the image is from a report.
    if image.files and not image.tree:
        return None
    return Contents(_find_packages(image), _find_folders(image), _find_files(image))


def name_layer_contents(image: Image) -> Image:
    """Return the image with the largest packages and directories of each layer."""
    layers = (
        replace(layer, largest_owners=_list_packages(_unite_folders(layer.owners), _MAX_OWNERS))
        for layer in image.layers
    )
    return replace(image, layers=tuple(layers))


def _find_packages(image: Image) -> tuple[PackageSize, ...]:
    sizes: Counter[OwnerKey] = Counter()
    for layer in image.layers:
        for owner, size in layer.owners.items():
            if owner.kind != DIRECTORY_KIND:
                sizes[owner] += size
    return _list_packages(sizes, _MAX_ROWS)


def _unite_folders(sizes: Mapping[OwnerKey, int]) -> Mapping[OwnerKey, int]:
    """Replace directories by the few that represent them: a cache has its bytes in many."""
    folders = {
        owner.name: size for owner, size in sizes.items() if owner.kind == DIRECTORY_KIND and size
    }
    representatives = find_representatives(folders)
    united: Counter[OwnerKey] = Counter()
    for owner, size in sizes.items():
        is_folder = owner.kind == DIRECTORY_KIND
        name = representatives.get(owner.name, owner.name)
        united[owner._replace(name=name) if is_folder else owner] += size
    return united


def _list_packages(sizes: Mapping[OwnerKey, int], most: int) -> tuple[PackageSize, ...]:
    ordered = sorted(sizes.items(), key=lambda item: (-item[1], str(item[0])))
    return tuple(PackageSize(*owner, size) for owner, size in ordered[:most] if size)


def _find_folders(image: Image) -> tuple[PathSize, ...]:
    """Return few folders that show where the bytes are, not all of them from the root down.

    The root itself stands for what is spread over many folders, and says nothing.
    """
    groups = group_by_directory([(entry.path, entry.size) for entry in _list_files(image)])
    folders = (PathSize(*x) for x in groups if x.files > 1 and x.bytes and x.path != "/")
    return tuple(islice(folders, _MAX_ROWS))


def _find_files(image: Image) -> tuple[PathSize, ...]:
    largest = nlargest(_MAX_ROWS, _list_files(image), key=lambda entry: (entry.size, entry.path))
    return tuple(PathSize(f"/{entry.path}", 1, entry.size) for entry in largest if entry.size)


def _list_files(image: Image) -> list[Entry]:
    return [entry for entry in image.tree.values() if entry.kind is EntryKind.FILE]
