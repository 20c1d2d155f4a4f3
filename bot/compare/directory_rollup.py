"""From thousands of directories to the handful that tells a reader where the bytes are.

Whatever weighs a tenth of the whole by itself keeps its name; the rest is added to its parent until
that weighs enough. A well-known place takes in all that lies below it and is never added to its
parent, so that a forgotten cache is called by its name however small it is.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from bot.compare.known_directories import place

_SHARE = 10


class Pile(NamedTuple):
    """Files that are spoken of together: the directory that holds them, or the one file."""

    path: str
    files: int
    bytes: int


def roll_up(weights: Mapping[str, int], whole: int | None = None) -> dict[str, str]:
    """For each directory, the name of the one that stands for it: itself or one above.

    `whole` is what the weights are a part of, their sum if left out.
    """
    known: dict[str, str] = {}
    spoken = {directory: _place_above(directory, known) for directory in weights}
    enough = _enough(sum(weights.values()) if whole is None else whole)
    levels: defaultdict[int, dict[str, _Heap]] = defaultdict(dict)
    for directory, weight in weights.items():
        if not spoken[directory]:
            levels[_depth(directory)][directory] = _Heap(directory, weight)
    for depth in range(max(levels, default=0), -1, -1):
        for directory, heap in levels[depth].items():
            if heap.weight >= enough or not depth:
                spoken |= dict.fromkeys(heap.members, heap.name)
            else:
                _add_to_parent(levels[depth - 1], _parent(directory), heap)
    return spoken


def gather(files: Collection[tuple[str, int]]) -> list[Pile]:
    """Files by path, without its leading slash, and size: the large by name, the rest rolled up."""
    whole = sum(size for _, size in files)
    large = _enough(whole)
    piles = [Pile(f"/{path}", 1, size) for path, size in files if size >= large]
    inside: dict[str, Pile] = {}
    for path, size in files:
        if size < large:
            _add(inside, "/" + path.rpartition("/")[0], Pile(f"/{path}", 1, size))
    spoken = roll_up({name: pile.bytes for name, pile in inside.items()}, whole)
    heaps: dict[str, Pile] = {}
    for name, pile in inside.items():
        _add(heaps, spoken[name], pile)
    return sorted([*piles, *heaps.values()], key=lambda pile: (-pile.bytes, pile.path))


def without_common_end(paths: Sequence[str]) -> tuple[str, ...]:
    """The directories of files, less what is the same at the end of all of them.

    >>> without_common_end(["srv/app/a/x", "opt/app/a/x"])
    ('/srv', '/opt')
    """
    parents = [path.split("/")[:-1] for path in paths]
    same = 0
    if any(parts != parents[0] for parts in parents):
        ends = zip(*(reversed(parts) for parts in parents), strict=False)
        same = next(
            (at for at, end in enumerate(ends) if len(set(end)) > 1), min(map(len, parents))
        )
    return tuple("/" + "/".join(parts[: len(parts) - same]) for parts in parents)


class _Heap:
    """Directories on their way up, under the deepest name that covers them all."""

    __slots__ = ("members", "name", "weight")

    def __init__(self, directory: str, weight: int) -> None:
        self.name, self.weight, self.members = directory, weight, [directory]


def _add_to_parent(level: dict[str, _Heap], parent: str, heap: _Heap) -> None:
    there = level.setdefault(parent, heap)
    if there is not heap:
        there.name = parent
        there.weight += heap.weight
        there.members += heap.members


def _add(piles: dict[str, Pile], directory: str, pile: Pile) -> None:
    """Adds a pile to that of a directory; a file that stays alone keeps its own name."""
    _, files, size = piles.get(directory, (directory, 0, 0))
    path = pile.path if files + pile.files == 1 else directory
    piles[directory] = Pile(path, files + pile.files, size + pile.bytes)


def _place_above(directory: str, known: dict[str, str]) -> str:
    """The well-known place that a directory is or lies in, the deepest of several; or nothing."""
    climbed = []
    while directory not in known and directory != "/":
        climbed.append(directory)
        if place(directory):
            known[directory] = directory
        else:
            directory = _parent(directory)
    found = known.get(directory, "")
    known |= dict.fromkeys(climbed, found)
    return found


def _enough(whole: int) -> float:
    """What a name of one's own takes."""
    return max(1, whole / _SHARE)


def _parent(directory: str) -> str:
    return directory.rpartition("/")[0] or "/"


def _depth(directory: str) -> int:
    return 0 if directory == "/" else directory.count("/")
