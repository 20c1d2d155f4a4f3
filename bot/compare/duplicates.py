"""File contents that are visible in a container more than once.

Waste is hidden by later layers; duplicates are not, so they are counted apart.
"""

from collections import defaultdict
from collections.abc import Sequence

from bot.compare.directory_rollup import strip_common_suffix
from bot.model.changes import DuplicateGroup, Duplicates
from bot.model.files import Entry, EntryKind
from bot.model.image import Image

# Smaller files are many, and weigh little.
_MIN_FILE_BYTES = 4_000
_MAX_GROUPS = 20
_MAX_PATHS = 5

IdenticalFiles = list[Entry]  # files of one content, by path


def find_duplicates(image: Image) -> Duplicates:
    """Return files of the same content, hard links not counted, and the bytes of their copies."""
    contents: defaultdict[tuple[int, str], IdenticalFiles] = defaultdict(list)
    for entry in image.tree.values():
        if entry.size >= _MIN_FILE_BYTES and entry.content_hash and entry.kind is EntryKind.FILE:
            contents[entry.size, entry.content_hash].append(entry)
    repeated = [
        sorted(identical_files) for identical_files in contents.values() if len(identical_files) > 1
    ]
    groups = [
        _build_group(image, duplicate_sets) for duplicate_sets in _group_by_directories(repeated)
    ]
    groups.sort(key=lambda group: (-group.bytes, group.paths))
    total = sum(group.bytes for group in groups)
    return Duplicates(len(repeated), total, tuple(groups[:_MAX_GROUPS]))


def _group_by_directories(duplicate_sets: Sequence[IdenticalFiles]) -> list[list[IdenticalFiles]]:
    """Group files of one directory that a second directory repeats.

    Identical files side by side in one directory are groups by themselves.
    """
    groups: defaultdict[tuple[str, ...], list[IdenticalFiles]] = defaultdict(list)
    for identical_files in duplicate_sets:
        paths = tuple(entry.path for entry in identical_files)
        directories = strip_common_suffix(paths)
        groups[directories if len(set(directories)) > 1 else paths].append(identical_files)
    return list(groups.values())


def _build_group(image: Image, duplicate_sets: Sequence[IdenticalFiles]) -> DuplicateGroup:
    first, *others = duplicate_sets
    file_paths = tuple(f"/{entry.path}" for entry in first)
    paths = strip_common_suffix([entry.path for entry in first]) if others else file_paths
    layer_numbers = {
        image.layer_by_path.get(entry.path)
        for identical_files in duplicate_sets
        for entry in identical_files
    }
    # Every copy but the first can go; dive counts all of them (wagoodman/dive#684).
    return DuplicateGroup(
        files=len(duplicate_sets),
        size=sum(identical_files[0].size for identical_files in duplicate_sets),
        copies=len(first),
        paths=paths[:_MAX_PATHS],
        layers=tuple(sorted(layer for layer in layer_numbers if layer is not None)),
    )
