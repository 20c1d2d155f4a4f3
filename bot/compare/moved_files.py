"""Moved files: the same content under another path."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from operator import attrgetter

from bot.model.files import Entry

_content_key = attrgetter("size", "content_hash")


def pair_moved_files(removed: Collection[Entry], added: Collection[Entry]) -> dict[str, str]:
    """Map new paths to old paths, one to one.

    Files of the same name are paired first, the others in order.
    """
    shared = set(map(_content_key, removed)) & set(map(_content_key, added))
    # Every empty file has the same content, so none of them counts as moved.
    old, new = (
        sorted(entry for entry in side if entry.size and _content_key(entry) in shared)
        for side in (removed, added)
    )
    moves = _pair_by_key(old, new, _name_and_content_key)
    paired = set(moves.values())
    unpaired_old = [entry for entry in old if entry.path not in paired]
    unpaired_new = [entry for entry in new if entry.path not in moves]
    return moves | _pair_by_key(unpaired_old, unpaired_new, _content_key)


def _pair_by_key(
    old: Sequence[Entry], new: Iterable[Entry], key: Callable[[Entry], object]
) -> dict[str, str]:
    """Pair entries of equal keys, the first with the first."""
    old_paths: defaultdict[object, list[str]] = defaultdict(list)
    # Reversed, so that pop() takes the paths in their order.
    for entry in reversed(old):
        old_paths[key(entry)].append(entry.path)
    return {entry.path: old_paths[key(entry)].pop() for entry in new if old_paths[key(entry)]}


def _name_and_content_key(entry: Entry) -> tuple[str, int, str]:
    return entry.path.rpartition("/")[2], entry.size, entry.content_hash
