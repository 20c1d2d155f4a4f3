"""Thousands of directories rolled up to the few that show where the bytes are.

A directory with a tenth of the total keeps its name; the rest is added to its parent until that
weighs enough. A known directory takes in everything below it and is never added to its parent, so
that a forgotten cache is named however small it is.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from bot.compare.known_directories import find_known_directory

# A tenth: at most ten names, however the bytes are spread.
_MIN_SHARE_DIVISOR = 10


class DirectoryGroup(NamedTuple):
    """Files that are reported together: the directory that holds them, or the one file."""

    path: str
    files: int
    bytes: int


def find_representatives(weights: Mapping[str, int], total: int | None = None) -> dict[str, str]:
    """Return the directory that represents each directory: itself or one above.

    `total` is what the weights are a part of; their sum by default.
    """
    known_ancestors: dict[str, str] = {}
    representatives = {
        directory: _find_known_ancestor(directory, known_ancestors) for directory in weights
    }
    threshold = _naming_threshold(sum(weights.values()) if total is None else total)
    levels: defaultdict[int, dict[str, _PendingGroup]] = defaultdict(dict)
    for directory, weight in weights.items():
        if not representatives[directory]:
            levels[_path_depth(directory)][directory] = _PendingGroup(directory, weight)
    # From the deepest up, so that a folder has got all that is below it when it is weighed.
    for depth in range(max(levels, default=0), -1, -1):
        for directory, group in levels[depth].items():
            # The root takes what is left, so that no byte is without a name.
            if group.weight >= threshold or not depth:
                representatives |= dict.fromkeys(group.members, group.name)
            else:
                _merge_into_parent(levels[depth - 1], _parent_directory(directory), group)
    return representatives


def group_by_directory(files: Collection[tuple[str, int]]) -> list[DirectoryGroup]:
    """Group files by directory; large files keep their own name.

    `files` are pairs of a path, without its leading slash, and a size.
    """
    total = sum([size for _, size in files])
    threshold = _naming_threshold(total)
    large_files = []
    files_by_directory: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for file in files:
        path, size = file
        if size >= threshold:
            large_files.append(DirectoryGroup(f"/{path}", 1, size))
        else:
            files_by_directory[path.rpartition("/")[0]].append(file)
    directories = {f"/{path}": _build_group(path, x) for path, x in files_by_directory.items()}
    weights = {directory: group.bytes for directory, group in directories.items()}
    representatives = find_representatives(weights, total)
    rolled_up: dict[str, DirectoryGroup] = {}
    for directory, group in directories.items():
        _add_to_group(rolled_up, representatives[directory], group)
    return sorted([*large_files, *rolled_up.values()], key=_sort_key)


def _build_group(directory: str, files: Sequence[tuple[str, int]]) -> DirectoryGroup:
    """Return the group of a directory's files; a single file keeps its own name."""
    path = files[0][0] if len(files) == 1 else directory
    return DirectoryGroup(f"/{path}", len(files), sum([size for _, size in files]))


def _sort_key(group: DirectoryGroup) -> tuple[int, str]:
    return -group.bytes, group.path


def strip_common_suffix(paths: Sequence[str]) -> tuple[str, ...]:
    """Return the directories of files, without the components that all end in.

    >>> strip_common_suffix(["srv/app/a/x", "opt/app/a/x"])
    ('/srv', '/opt')
    """
    parents = [path.split("/")[:-1] for path in paths]
    common_length = 0
    if any(parts != parents[0] for parts in parents):
        ends = zip(*(reversed(parts) for parts in parents), strict=False)
        common_length = next(
            (index for index, end in enumerate(ends) if len(set(end)) > 1), min(map(len, parents))
        )
    return tuple("/" + "/".join(parts[: len(parts) - common_length]) for parts in parents)


class _PendingGroup:
    """Directories on their way up, under the deepest directory that covers them all."""

    __slots__ = ("members", "name", "weight")

    def __init__(self, directory: str, weight: int) -> None:
        self.name, self.weight, self.members = directory, weight, [directory]


def _merge_into_parent(level: dict[str, _PendingGroup], parent: str, group: _PendingGroup) -> None:
    parent_group = level.setdefault(parent, group)
    if parent_group is not group:
        parent_group.name = parent
        parent_group.weight += group.weight
        parent_group.members += group.members


def _add_to_group(groups: dict[str, DirectoryGroup], directory: str, group: DirectoryGroup) -> None:
    """Add a group to that of a directory; a single file keeps its own name."""
    _, files, size = groups.get(directory, (directory, 0, 0))
    path = group.path if files + group.files == 1 else directory
    groups[directory] = DirectoryGroup(path, files + group.files, size + group.bytes)


def _find_known_ancestor(directory: str, cache: dict[str, str]) -> str:
    """Return the known directory that a directory is or is in; empty if there is none.

    The deepest of several wins.
    """
    climbed = []
    while directory not in cache and directory != "/":
        climbed.append(directory)
        if find_known_directory(directory):
            cache[directory] = directory
        else:
            directory = _parent_directory(directory)
    ancestor = cache.get(directory, "")
    cache |= dict.fromkeys(climbed, ancestor)
    return ancestor


def _naming_threshold(total: int) -> float:
    """Return the bytes from which a directory or file keeps its name."""
    return max(1, total / _MIN_SHARE_DIVISOR)


def _parent_directory(directory: str) -> str:
    return directory.rpartition("/")[0] or "/"


def _path_depth(directory: str) -> int:
    return 0 if directory == "/" else directory.count("/")
