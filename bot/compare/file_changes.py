"""What became of the files that a container sees, from one image to another."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bot.compare.directory_rollup import gather, without_common_end
from bot.compare.moved_files import pair_moved
from bot.model.changes import FileChanges, FileClass, FileGroup, Tally
from bot.model.files import Entry, Kind
from bot.model.image import Image

_LARGEST = 50


class Change(NamedTuple):
    """One file that is not as it was. `bytes` is as in `FileGroup`; `source` is where it was."""

    kind: FileClass
    path: str
    bytes: int
    source: str = ""


def changed_files(base: Image, head: Image) -> list[Change]:
    """Every file that differs. Contents are compared where both images tell them apart alike."""
    contents, old, now = base.identity is head.identity, base.tree, head.tree
    gone = [old[path] for path in old.keys() - now.keys()]
    new: list[Entry] = []
    changes: list[Change] = []
    for path, after in now.items():
        before = old.get(path)
        if before is after or before == after:
            continue
        if before is None or not (_is_file(before) and _is_file(after)):
            gone += [before] if before else []
            new.append(after)
        elif change := _edited(before, after, contents=contents):
            changes.append(change)
    return [*changes, *_come_and_gone(_files(gone), _files(new), contents=contents)]


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


def _edited(before: Entry, after: Entry, *, contents: bool) -> Change | None:
    """What is different about a file that is where it was. A hard link has no size of its own."""
    if before.size != after.size and before.kind is not after.kind:
        kind = FileClass.UNLINKED if after.kind is Kind.FILE else FileClass.LINKED
        return Change(kind, after.path, abs(after.size - before.size))
    if before.size != after.size:
        kind = FileClass.GROWN if after.size > before.size else FileClass.SHRUNK
        return Change(kind, after.path, abs(after.size - before.size))
    if contents and before.content != after.content:
        return Change(FileClass.REWRITTEN, after.path, after.size)
    if (before.mode, before.uid, before.gid) != (after.mode, after.uid, after.gid):
        return Change(FileClass.PERMISSIONS, after.path, after.size)
    return None


def _come_and_gone(gone: list[Entry], new: list[Entry], *, contents: bool) -> Iterator[Change]:
    moves = pair_moved(gone, new) if contents else {}
    sources = set(moves.values())
    for entry in new:
        kind = FileClass.MOVED if entry.path in moves else FileClass.ADDED
        yield Change(kind, entry.path, entry.size, moves.get(entry.path, ""))
    for entry in gone:
        if entry.path not in sources:
            yield Change(FileClass.REMOVED, entry.path, entry.size)


def _moves(changes: Iterable[Change]) -> Iterator[FileGroup]:
    """Files that went from one directory to another, with all that lay below, are one group."""
    ways: defaultdict[tuple[str, ...], list[Change]] = defaultdict(list)
    for change in changes:
        ways[without_common_end((change.source, change.path))].append(change)
    for way, held in ways.items():
        alone = len(held) == 1
        source, path = (f"/{held[0].source}", f"/{held[0].path}") if alone else way
        yield FileGroup(FileClass.MOVED, path, len(held), sum(x.bytes for x in held), source)


def _piles(kind: FileClass, changes: Iterable[Change]) -> Iterator[FileGroup]:
    for path, files, size in gather([(change.path, change.bytes) for change in changes]):
        yield FileGroup(kind, path, files, size)


def _files(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if _is_file(entry)]


def _is_file(entry: Entry) -> bool:
    return entry.kind is Kind.FILE or entry.kind is Kind.HARDLINK
