"""Contents that a container sees more than once."""

from collections import defaultdict
from collections.abc import Sequence

from bot.compare.directory_rollup import without_common_end
from bot.model.changes import DuplicateGroup, Duplicates
from bot.model.files import Entry, Kind
from bot.model.image import Image

_WORTH_IT = 4_000
_LARGEST = 20
_PATHS = 5

Twins = list[Entry]  # files of one content, by path


def find_duplicates(image: Image) -> Duplicates:
    """Files of the same content, hard links not counted, and what their copies weigh."""
    contents: defaultdict[tuple[int, str], Twins] = defaultdict(list)
    for entry in image.tree.values():
        if entry.size >= _WORTH_IT and entry.content and entry.kind is Kind.FILE:
            contents[entry.size, entry.content].append(entry)
    repeated = [sorted(twins) for twins in contents.values() if len(twins) > 1]
    groups = [_group(image, alike) for alike in _by_directories(repeated)]
    groups.sort(key=lambda group: (-group.bytes, group.paths))
    total = sum(group.bytes for group in groups)
    return Duplicates(len(repeated), total, tuple(groups[:_LARGEST]))


def _by_directories(repeated: Sequence[Twins]) -> list[list[Twins]]:
    """What lies in one directory and again in another is one group; twins side by side are another."""
    alike: defaultdict[tuple[str, ...], list[Twins]] = defaultdict(list)
    for twins in repeated:
        paths = tuple(entry.path for entry in twins)
        places = without_common_end(paths)
        alike[places if len(set(places)) > 1 else paths].append(twins)
    return list(alike.values())


def _group(image: Image, alike: Sequence[Twins]) -> DuplicateGroup:
    first, *others = alike
    named = tuple(f"/{entry.path}" for entry in first)
    paths = without_common_end([entry.path for entry in first]) if others else named
    brought = {image.origins.get(entry.path) for twins in alike for entry in twins}
    return DuplicateGroup(
        files=len(alike),
        size=sum(twins[0].size for twins in alike),
        copies=len(first),
        paths=paths[:_PATHS],
        layers=tuple(sorted(layer for layer in brought if layer is not None)),
    )
