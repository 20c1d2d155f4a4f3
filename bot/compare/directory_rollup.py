"""From thousands of directories to the handful that tells a reader where the bytes are.

Whatever weighs a tenth of the whole by itself keeps its name; the rest is added to its parent until
that weighs enough. A well-known place takes in all that lies below it and is never added to its
parent, so that a forgotten cache is called by its name however small it is.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from bot.compare.known_directories import find_known_directory

_MIN_SHARE_DIVISOR = 10


class DirectoryGroup(NamedTuple):
    """Files that are spoken of together: the directory that holds them, or the one file."""

    path: str
    files: int
    bytes: int


def find_representatives(weights: Mapping[str, int], total: int | None = None) -> dict[str, str]:
    """For each directory, the name of the one that stands for it: itself or one above.

    `whole` is what the weights are a part of, their sum if left out.
    """
    known: dict[str, str] = {}
    spoken = {directory: _find_known_ancestor(directory, known) for directory in weights}
    enough = _naming_threshold(sum(weights.values()) if total is None else total)
    levels: defaultdict[int, dict[str, _PendingGroup]] = defaultdict(dict)
    for directory, weight in weights.items():
        if not spoken[directory]:
            levels[_path_depth(directory)][directory] = _PendingGroup(directory, weight)
    for depth in range(max(levels, default=0), -1, -1):
        for directory, heap in levels[depth].items():
            if heap.weight >= enough or not depth:
                spoken |= dict.fromkeys(heap.members, heap.name)
            else:
                _merge_into_parent(levels[depth - 1], _parent_directory(directory), heap)
    return spoken


def group_by_directory(files: Collection[tuple[str, int]]) -> list[DirectoryGroup]:
    """Files by path, without its leading slash, and size: the large by name, the rest rolled up."""
    whole = sum(size for _, size in files)
    large = _naming_threshold(whole)
    piles = [DirectoryGroup(f"/{path}", 1, size) for path, size in files if size >= large]
    inside: dict[str, DirectoryGroup] = {}
    for path, size in files:
        if size < large:
            _add_to_group(
                inside, "/" + path.rpartition("/")[0], DirectoryGroup(f"/{path}", 1, size)
            )
    spoken = find_representatives({name: pile.bytes for name, pile in inside.items()}, whole)
    heaps: dict[str, DirectoryGroup] = {}
    for name, pile in inside.items():
        _add_to_group(heaps, spoken[name], pile)
    return sorted([*piles, *heaps.values()], key=lambda pile: (-pile.bytes, pile.path))


def strip_common_suffix(paths: Sequence[str]) -> tuple[str, ...]:
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


class _PendingGroup:
    """Directories on their way up, under the deepest name that covers them all."""

    __slots__ = ("members", "name", "weight")

    def __init__(self, directory: str, weight: int) -> None:
        self.name, self.weight, self.members = directory, weight, [directory]


def _merge_into_parent(level: dict[str, _PendingGroup], parent: str, group: _PendingGroup) -> None:
    there = level.setdefault(parent, group)
    if there is not group:
        there.name = parent
        there.weight += group.weight
        there.members += group.members


def _add_to_group(groups: dict[str, DirectoryGroup], directory: str, group: DirectoryGroup) -> None:
    """Adds a pile to that of a directory; a file that stays alone keeps its own name."""
    _, files, size = groups.get(directory, (directory, 0, 0))
    path = group.path if files + group.files == 1 else directory
    groups[directory] = DirectoryGroup(path, files + group.files, size + group.bytes)


def _find_known_ancestor(directory: str, cache: dict[str, str]) -> str:
    """The well-known place that a directory is or lies in, the deepest of several; or nothing."""
    climbed = []
    while directory not in cache and directory != "/":
        climbed.append(directory)
        if find_known_directory(directory):
            cache[directory] = directory
        else:
            directory = _parent_directory(directory)
    found = cache.get(directory, "")
    cache |= dict.fromkeys(climbed, found)
    return found


def _naming_threshold(total: int) -> float:
    """What a name of one's own takes."""
    return max(1, total / _MIN_SHARE_DIVISOR)


def _parent_directory(directory: str) -> str:
    return directory.rpartition("/")[0] or "/"


def _path_depth(directory: str) -> int:
    return 0 if directory == "/" else directory.count("/")
