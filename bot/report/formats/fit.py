"""Makes a page fit: drops whole pieces, least worthy first, and never cuts inside one."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.report.page.page_model import KeepPriority

# Room for the two sentences that say what was left out.
_NOTICE_RESERVE_BYTES = 400


@dataclass(frozen=True, slots=True)
class PagePart:
    """Text that stays or goes as a whole.

    Pieces of one `group` live inside its frame: the frame's own pieces go with the last of them.
    """

    text: str
    priority: KeepPriority = KeepPriority.KEEP
    group: int | None = None
    is_frame: bool = False


def count_bytes(text: str) -> int:
    """Bytes of UTF-8: never fewer than the characters, or the UTF-16 units, that GitHub may count."""
    return len(text.encode())


def select_parts(parts: Sequence[PagePart], max_bytes: int) -> frozenset[int]:
    """The positions of the pieces to keep, so that together they weigh at most `limit`."""
    kept = dict(enumerate(parts))
    excess = sum(count_bytes(piece.text) for piece in parts) - max_bytes
    if excess <= 0:
        return frozenset(kept)
    for position in _sort_droppable(parts):
        if excess + _NOTICE_RESERVE_BYTES <= 0:
            break
        excess -= count_bytes(kept.pop(position).text)
        excess -= _drop_empty_frame(kept, parts[position].group)
    return frozenset(kept)


def _sort_droppable(parts: Sequence[PagePart]) -> list[int]:
    """Of two pieces of the same worth the later goes first: pages begin with the worst news."""
    loose = [at for at, piece in enumerate(parts) if piece.priority is not KeepPriority.KEEP]
    return sorted(loose, key=lambda at: (parts[at].priority, -at))


def _drop_empty_frame(parts_by_position: dict[int, PagePart], group: int | None) -> int:
    """Drops the frame that has lost its last content; says how much that saves."""
    members = [at for at, piece in parts_by_position.items() if piece.group == group]
    if group is None or any(not parts_by_position[at].is_frame for at in members):
        return 0
    return sum(count_bytes(parts_by_position.pop(at).text) for at in members)
