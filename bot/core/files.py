"""What became of the files that a container sees, from one image to another."""

import operator
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from bot.core.directories import gather
from bot.core.entries import Entry, Kind
from bot.core.findings import FileChanges, FileClass, FileGroup, Tally
from bot.core.model import Image

_LARGEST = 50

Files = dict[str, Entry]


class Change(NamedTuple):
    """One file that is not as it was. `bytes` is as in `FileGroup`; `source` is where it was."""

    kind: FileClass
    path: str
    bytes: int
    source: str = ""


def changed_files(base: Image, head: Image) -> list[Change]:
    """Every file that differs. Contents are compared where both images tell them apart alike."""
    contents, old, now = base.identity is head.identity, base.tree, head.tree
    gone: Files = {path: old[path] for path in old.keys() - now.keys()}
    new: Files = {}
    changes: list[Change] = []
    for path, after in now.items():
        before = old.get(path)
        if before is after or before == after:
            continue
        if before is not None and _is_file(before) and _is_file(after):
            changes.extend(_edited(path, before, after, contents=contents))
            continue
        new[path] = after
        if before is not None:
            gone[path] = before
    return [*changes, *_come_and_gone(_only_files(gone), _only_files(new), contents=contents)]


def sum_up(changes: Sequence[Change]) -> FileChanges:
    """The changes by class, and the largest of them with directories rolled up."""
    tallies: dict[FileClass, Tally] = {}
    groups: list[FileGroup] = []
    for kind in FileClass:
        held = [change for change in changes if change.kind is kind]
        tallies[kind] = Tally(len(held), sum(change.bytes for change in held))
        groups += _moves(held) if kind is FileClass.MOVED else _piles(kind, held)
    groups.sort(key=lambda group: (-group.bytes, group.kind, group.path, group.source or ""))
    return FileChanges(tallies, tuple(groups[:_LARGEST]))


def _edited(path: str, before: Entry, after: Entry, *, contents: bool) -> Iterator[Change]:
    """What is different about a file that is where it was."""
    if before.size != after.size:
        kind = FileClass.GROWN if after.size > before.size else FileClass.SHRUNK
        yield Change(kind, path, abs(after.size - before.size))
    elif contents and before.content != after.content:
        yield Change(FileClass.REWRITTEN, path, after.size)
    elif (before.mode, before.uid, before.gid) != (after.mode, after.uid, after.gid):
        yield Change(FileClass.PERMISSIONS, path, after.size)


def _come_and_gone(gone: Files, new: Files, *, contents: bool) -> Iterator[Change]:
    moves = _pair_moved(gone, new) if contents else {}
    here_before = set(moves.values())
    for path, entry in new.items():
        if path in moves:
            yield Change(FileClass.MOVED, path, entry.size, moves[path])
        else:
            yield Change(FileClass.ADDED, path, entry.size)
    for path, entry in gone.items():
        if path not in here_before:
            yield Change(FileClass.REMOVED, path, entry.size)


def _pair_moved(gone: Files, new: Files) -> dict[str, str]:
    """New path -> old path, one to one: of the same name if there is one, in order otherwise."""
    twins = {_twin(entry) for entry in gone.values()} & {_twin(entry) for entry in new.values()}
    old, now = (
        {
            path: entry
            for path, entry in sorted(side.items())
            if entry.size and _twin(entry) in twins
        }
        for side in (gone, new)
    )
    moves: dict[str, str] = {}
    for named in (True, False):
        waiting: defaultdict[object, list[str]] = defaultdict(list)
        for path in reversed(old):
            waiting[_twin(old[path]), path.rpartition("/")[2] if named else ""].append(path)
        for path, entry in now.items():
            left = waiting[_twin(entry), path.rpartition("/")[2] if named else ""]
            if left and path not in moves:
                moves[path] = left.pop()
        for source in moves.values():
            old.pop(source, None)
    return moves


def _moves(changes: Iterable[Change]) -> Iterator[FileGroup]:
    """Files that went from one directory to another, with all that lay below, are one group."""
    ways: defaultdict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in changes:
        ways[_way(change)].append(change)
    for (source, path), held in ways.items():
        if len(held) == 1:
            source, path = f"/{held[0].source}", f"/{held[0].path}"  # noqa: PLW2901 - by its name
        yield FileGroup(FileClass.MOVED, path, len(held), sum(x.bytes for x in held), source)


def _way(change: Change) -> tuple[str, str]:
    """From which directory to which, without what is the same at the end of both."""
    old, new = (path.split("/")[:-1] for path in (change.source, change.path))
    while old != new and old and new and old[-1] == new[-1]:
        old.pop()
        new.pop()
    return "/" + "/".join(old), "/" + "/".join(new)


def _piles(kind: FileClass, changes: Iterable[Change]) -> Iterator[FileGroup]:
    for path, files, size in gather((change.path, change.bytes) for change in changes):
        yield FileGroup(kind, path, files, size)


def _only_files(entries: Mapping[str, Entry]) -> Files:
    return {path: entry for path, entry in entries.items() if _is_file(entry)}


def _is_file(entry: Entry) -> bool:
    return entry.kind is Kind.FILE or entry.kind is Kind.HARDLINK


_twin = operator.attrgetter("size", "content")
