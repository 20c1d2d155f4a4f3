"""What is shipped and never seen: which line wrote it, which line hid it, and where it lay."""

from collections import defaultdict
from collections.abc import Iterable

from bot.compare.directory_rollup import group_by_directory
from bot.model.changes import WasteGroup
from bot.model.files import WasteCause, WastedFile


def group_wasted_files(wasted_files: Iterable[WastedFile]) -> tuple[WasteGroup, ...]:
    """The waste by cause and directory, the largest first; the groups add up to all of it."""
    causes: defaultdict[tuple[int, int, WasteCause], list[tuple[str, int]]] = defaultdict(list)
    for path, size, written, hidden, how in wasted_files:
        if size:
            causes[written, hidden, how].append((path, size))
    groups = [
        WasteGroup(*cause, *pile)
        for cause, files in causes.items()
        for pile in group_by_directory(files)
    ]
    return tuple(
        sorted(groups, key=lambda x: (-x.bytes, x.shipping_layer, x.hiding_layer, x.cause, x.path))
    )
