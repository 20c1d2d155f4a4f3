"""Contents that a container sees more than once."""

from collections import defaultdict
from collections.abc import Sequence

from bot.compare.directory_rollup import strip_common_suffix
from bot.model.changes import DuplicateGroup, Duplicates
from bot.model.files import Entry, EntryKind
from bot.model.image import Image

_MIN_FILE_BYTES = 4_000
_MAX_GROUPS = 20
_MAX_PATHS = 5

IdenticalFiles = list[Entry]  # files of one content, by path


def find_duplicates(image: Image) -> Duplicates:
    """Files of the same content, hard links not counted, and what their copies weigh."""
    contents: defaultdict[tuple[int, str], IdenticalFiles] = defaultdict(list)
    for entry in image.tree.values():
        if entry.size >= _MIN_FILE_BYTES and entry.content_hash and entry.kind is EntryKind.FILE:
            contents[entry.size, entry.content_hash].append(entry)
    repeated = [sorted(twins) for twins in contents.values() if len(twins) > 1]
    groups = [_build_group(image, alike) for alike in _group_by_directories(repeated)]
    groups.sort(key=lambda group: (-group.bytes, group.paths))
    total = sum(group.bytes for group in groups)
    return Duplicates(len(repeated), total, tuple(groups[:_MAX_GROUPS]))


def _group_by_directories(duplicate_sets: Sequence[IdenticalFiles]) -> list[list[IdenticalFiles]]:
    """What lies in one directory and again in another is one group; twins side by side are another."""
    alike: defaultdict[tuple[str, ...], list[IdenticalFiles]] = defaultdict(list)
    for twins in duplicate_sets:
        paths = tuple(entry.path for entry in twins)
        places = strip_common_suffix(paths)
        alike[places if len(set(places)) > 1 else paths].append(twins)
    return list(alike.values())


def _build_group(image: Image, duplicate_sets: Sequence[IdenticalFiles]) -> DuplicateGroup:
    first, *others = duplicate_sets
    named = tuple(f"/{entry.path}" for entry in first)
    paths = strip_common_suffix([entry.path for entry in first]) if others else named
    brought = {image.layer_by_path.get(entry.path) for twins in duplicate_sets for entry in twins}
    return DuplicateGroup(
        files=len(duplicate_sets),
        size=sum(twins[0].size for twins in duplicate_sets),
        copies=len(first),
        paths=paths[:_MAX_PATHS],
        layers=tuple(sorted(layer for layer in brought if layer is not None)),
    )
