"""Files that are elsewhere now: the same content under another path."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from operator import attrgetter

from bot.model.files import Entry

_content_key = attrgetter("size", "content_hash")


def pair_moved_files(removed: Collection[Entry], added: Collection[Entry]) -> dict[str, str]:
    """New path -> old path, one to one: of the same name where there is one, in order otherwise."""
    shared = set(map(_content_key, removed)) & set(map(_content_key, added))
    old, now = (
        sorted(entry for entry in side if entry.size and _content_key(entry) in shared)
        for side in (removed, added)
    )
    moves = _pair_by_key(old, now, _name_and_content_key)
    taken = set(moves.values())
    left = [entry for entry in old if entry.path not in taken]
    return moves | _pair_by_key(
        left, [entry for entry in now if entry.path not in moves], _content_key
    )


def _pair_by_key(
    old: Sequence[Entry], new: Iterable[Entry], key: Callable[[Entry], object]
) -> dict[str, str]:
    """Entries of equal keys, the first with the first."""
    waiting: defaultdict[object, list[str]] = defaultdict(list)
    for entry in reversed(old):
        waiting[key(entry)].append(entry.path)
    return {entry.path: waiting[key(entry)].pop() for entry in new if waiting[key(entry)]}


def _name_and_content_key(entry: Entry) -> tuple[str, int, str]:
    return entry.path.rpartition("/")[2], entry.size, entry.content_hash
