"""Fits a page into a size limit by dropping whole parts, the lowest priority first.

The priorities are those of `KeepPriority` in report/page/page_model.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.report.page.page_model import KeepPriority

# Room for the two sentences that say what was dropped.
_NOTICE_RESERVE_BYTES = 400


@dataclass(frozen=True, slots=True)
class PagePart:
    """Text that is kept or dropped as a whole.

    The parts of a `group` lie between its frame parts (`<details>` and `</details>`), which are
    dropped along with the last of them.
    """

    text: str
    priority: KeepPriority = KeepPriority.KEEP
    group: int | None = None
    is_frame: bool = False


def count_bytes(text: str) -> int:
    """Return the length in UTF-8, which is at least the length in characters or UTF-16 units."""
    return len(text.encode())


def select_parts(parts: Sequence[PagePart], max_bytes: int) -> frozenset[int]:
    """Return the positions of the parts to keep, so that they fit into `max_bytes`."""
    remaining = dict(enumerate(parts))
    # Whether GitHub counts characters or UTF-16 units, there are at least as many bytes.
    excess = sum(count_bytes(part.text) for part in parts) - max_bytes
    if excess <= 0:
        return frozenset(remaining)
    for position in _sort_droppable(parts):
        if excess + _NOTICE_RESERVE_BYTES <= 0:
            break
        excess -= count_bytes(remaining.pop(position).text)
        excess -= _drop_empty_frame(remaining, parts[position].group)
    return frozenset(remaining)


def _sort_droppable(parts: Sequence[PagePart]) -> list[int]:
    """Sort by priority; of equal parts the last goes first, as pages begin with the worst image."""
    droppable = [
        position for position, part in enumerate(parts) if part.priority is not KeepPriority.KEEP
    ]
    return sorted(droppable, key=lambda position: (parts[position].priority, -position))


def _drop_empty_frame(parts_by_position: dict[int, PagePart], group: int | None) -> int:
    """Drop the frame of a group without content; return the bytes that this saves."""
    members = [position for position, part in parts_by_position.items() if part.group == group]
    # `<details>` that opens to nothing.
    if group is None or any(not parts_by_position[position].is_frame for position in members):
        return 0
    return sum(count_bytes(parts_by_position.pop(position).text) for position in members)
