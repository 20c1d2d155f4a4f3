"""The package or folder that made most of a change between two records."""

from collections import Counter
from collections.abc import Mapping

from bot.records.record import Record


def find_owner(old: Record, new: Record) -> tuple[str, str]:
    """Return the kind and name of the owner with the most of the change; empty without one.

    A record lists the largest owners alone: of one that it does not list, the size is between zero
    and that of the smallest that it lists.
    """
    sign = 1 if new.unpacked_bytes >= old.unpacked_bytes else -1
    before, after = _list_owners(old), _list_owners(new)
    growth = Counter[tuple[str, str]]()
    for owner in before.keys() | after.keys():
        # The least that it can have grown: an owner that is not listed is taken to be as large as
        # possible.
        low = after.get(owner, 0) - before.get(owner, _get_most(old))
        if sign < 0:
            low = before.get(owner, 0) - after.get(owner, _get_most(new))
        growth[owner] = low
    largest = max(growth.items(), key=lambda item: (item[1], item[0]), default=(("", ""), 0))
    return largest[0] if largest[1] > 0 else ("", "")


def _list_owners(record: Record) -> Mapping[tuple[str, str], int]:
    sizes = Counter[tuple[str, str]]()
    for owner in record.owners:
        sizes[owner.kind, owner.name] += owner.bytes
    return sizes


def _get_most(record: Record) -> int:
    """Return the most bytes that an owner can have which is not listed."""
    listed = min((owner.bytes for owner in record.owners), default=record.rest_bytes)
    return min(record.rest_bytes, listed)
