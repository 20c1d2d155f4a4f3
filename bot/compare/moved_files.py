"""Files that are elsewhere now: the same content under another path."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from operator import attrgetter

from bot.model.files import Entry

_content = attrgetter("size", "content")


def pair_moved(gone: Collection[Entry], new: Collection[Entry]) -> dict[str, str]:
    """New path -> old path, one to one: of the same name where there is one, in order otherwise."""
    shared = set(map(_content, gone)) & set(map(_content, new))
    old, now = (
        sorted(entry for entry in side if entry.size and _content(entry) in shared)
        for side in (gone, new)
    )
    moves = _pair(old, now, _name_and_content)
    taken = set(moves.values())
    left = [entry for entry in old if entry.path not in taken]
    return moves | _pair(left, [entry for entry in now if entry.path not in moves], _content)


def _pair(
    old: Sequence[Entry], new: Iterable[Entry], key: Callable[[Entry], object]
) -> dict[str, str]:
    """Entries of equal keys, the first with the first."""
    waiting: defaultdict[object, list[str]] = defaultdict(list)
    for entry in reversed(old):
        waiting[key(entry)].append(entry.path)
    return {entry.path: waiting[key(entry)].pop() for entry in new if waiting[key(entry)]}


def _name_and_content(entry: Entry) -> tuple[str, int, str]:
    return entry.path.rpartition("/")[2], entry.size, entry.content
