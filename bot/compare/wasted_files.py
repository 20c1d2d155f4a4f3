"""Wasted files: hidden by later layers, but still in the image.

Grouped by the layer that ships them, the layer that hides them, and their directory.
"""

from collections import defaultdict
from collections.abc import Iterable

from bot.compare.directory_rollup import group_by_directory
from bot.model.changes import WasteGroup
from bot.model.files import WasteCause, WastedFile


def group_wasted_files(wasted_files: Iterable[WastedFile]) -> tuple[WasteGroup, ...]:
    """Group the waste by cause and directory, the largest first.

    The groups add up to all of it.
    """
    causes: defaultdict[tuple[int, int, WasteCause], list[tuple[str, int]]] = defaultdict(list)
    for path, size, shipping_layer, hiding_layer, cause in wasted_files:
        # An empty file wastes nothing; a removed one is the business of the file changes.
        if size:
            causes[shipping_layer, hiding_layer, cause].append((path, size))
    groups = [
        WasteGroup(*origin, *directory_group)
        for origin, files in causes.items()
        for directory_group in group_by_directory(files)
    ]
    return tuple(sorted(groups, key=_sort_key))


def _sort_key(group: WasteGroup) -> tuple[int, int, int, WasteCause, str]:
    return -group.bytes, group.shipping_layer, group.hiding_layer, group.cause, group.path
