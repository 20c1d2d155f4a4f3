"""What is shipped and never seen: which line wrote it, which line hid it, and where it lay."""

from collections import defaultdict
from collections.abc import Iterable

from bot.compare.directory_rollup import gather
from bot.model.changes import WasteGroup
from bot.model.files import Hidden, Waste


def group_waste(wastes: Iterable[Waste]) -> tuple[WasteGroup, ...]:
    """The waste by cause and directory, the largest first; the groups add up to all of it."""
    causes: defaultdict[tuple[int, int, Hidden], list[tuple[str, int]]] = defaultdict(list)
    for path, size, written, hidden, how in wastes:
        if size:
            causes[written, hidden, how].append((path, size))
    groups = [
        WasteGroup(*cause, *pile) for cause, files in causes.items() for pile in gather(files)
    ]
    return tuple(sorted(groups, key=lambda x: (-x.bytes, x.written, x.hidden, x.how, x.path)))
