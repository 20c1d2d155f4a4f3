"""What the lines of an image do to the bytes of the layers below them."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping

from bot.model.changes import Note, Remark
from bot.model.files import Hidden, Waste

_REMARKS = {
    Hidden.COPIED: Remark.COPIED,
    Hidden.OVERWRITTEN: Remark.OVERWRITTEN,
    Hidden.REMOVED: Remark.REMOVED,
}


def notes(wastes: Iterable[Waste], moved: Container[str]) -> Mapping[int, tuple[Note, ...]]:
    """The notes on each layer that hides files of others, the weightiest first.

    `moved` are the paths whose content is elsewhere now: a line that removes them ships it twice.
    """
    found: dict[tuple[int, Remark, int], list[int]] = {}
    for path, size, written, hidden, how in wastes:
        remark = _REMARKS[how]
        if remark is Remark.REMOVED and path in moved:
            remark = Remark.MOVED
        tally = found.setdefault((hidden, remark, written), [0, 0])
        tally[0] += 1
        tally[1] += size
    by_layer: defaultdict[int, list[Note]] = defaultdict(list)
    for (hidden, remark, written), (files, size) in found.items():
        if size and hidden != written:
            by_layer[hidden].append(Note(remark, written, files, size))
    return {
        layer: tuple(sorted(said, key=lambda note: (-note.bytes, note.remark, note.layer or 0)))
        for layer, said in by_layer.items()
    }
