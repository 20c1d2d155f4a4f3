"""Packages that went from one line to another: what was there before is no cause of a growth."""

from collections.abc import Sequence
from dataclasses import replace

from bot.model.comparison import Attribution, Owner
from bot.model.files import DIRECTORY_KIND

_Key = tuple[str, str]


def drop_moved_packages(rows: Sequence[Attribution]) -> list[Attribution]:
    """Return the rows without what one of them adds and another one saves of the same package.

    Their sum stays. Folders are kept: two lines may write unlike files to one of them.
    """
    moved = _sum_moved(rows)
    settled = []
    for row in rows:
        owners = [_take(owner, moved) for owner in row.owners]
        delta = sum(owner.delta_bytes for owner in owners)
        settled.append(replace(row, owners=tuple(sorted(owners, key=_sort_key)), delta_bytes=delta))
    return settled


def _sum_moved(rows: Sequence[Attribution]) -> dict[tuple[_Key, bool], int]:
    """Return the bytes of each package to take from what is added, and as many from savings."""
    totals: dict[tuple[_Key, bool], int] = {}
    for row in rows:
        for owner in row.owners:
            if owner.kind != DIRECTORY_KIND:
                key = (owner.kind, owner.name), owner.delta_bytes > 0
                totals[key] = totals.get(key, 0) + abs(owner.delta_bytes)
    return {
        (key, is_added): min(size, totals.get((key, not is_added), 0))
        for (key, is_added), size in totals.items()
    }


def _take(owner: Owner, moved: dict[tuple[_Key, bool], int]) -> Owner:
    """Return the owner without its part of what moved, which is counted down."""
    is_added = owner.delta_bytes > 0
    key = (owner.kind, owner.name), is_added
    size = min(abs(owner.delta_bytes), moved.get(key, 0))
    if not size:
        return owner
    moved[key] -= size
    return replace(owner, delta_bytes=owner.delta_bytes - (size if is_added else -size))


def _sort_key(owner: Owner) -> int:
    return -abs(owner.delta_bytes)
