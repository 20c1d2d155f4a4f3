"""What became of the files that a container sees, from one image to another."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bot.compare.directory_rollup import group_by_directory, strip_common_suffix
from bot.compare.moved_files import pair_moved_files
from bot.model.changes import FileChangeKind, FileChanges, FileGroup, Tally
from bot.model.files import Entry, EntryKind
from bot.model.image import Image

_MAX_GROUPS = 50


class FileChange(NamedTuple):
    """One file that is not as it was. `bytes` is as in `FileGroup`; `source` is where it was."""

    kind: FileChangeKind
    path: str
    bytes: int
    source: str = ""


def find_changed_files(base: Image, head: Image) -> list[FileChange]:
    """Every file that differs. Contents are compared where both images tell them apart alike."""
    contents, old, now = base.hash_algorithm is head.hash_algorithm, base.tree, head.tree
    gone = [old[path] for path in old.keys() - now.keys()]
    new: list[Entry] = []
    changes: list[FileChange] = []
    for path, after in now.items():
        before = old.get(path)
        if before is after or before == after:
            continue
        if before is None or not (_is_file(before) and _is_file(after)):
            gone += [before] if before else []
            new.append(after)
        elif change := _classify_edit(before, after, compare_contents=contents):
            changes.append(change)
    return [
        *changes,
        *_classify_added_and_removed(
            _select_files(gone), _select_files(new), compare_contents=contents
        ),
    ]


def summarise_changes(changes: Sequence[FileChange]) -> FileChanges:
    """The changes by class, and the largest of them with directories rolled up."""
    tallies: dict[FileChangeKind, Tally] = {}
    groups: list[FileGroup] = []
    for kind in FileChangeKind:
        held = [change for change in changes if change.kind is kind]
        tallies[kind] = Tally(len(held), sum(change.bytes for change in held))
        groups += (
            _group_moved_files(held)
            if kind is FileChangeKind.MOVED
            else _group_changed_files(kind, held)
        )
    groups.sort(key=lambda group: (-group.bytes, group.kind, group.path, group.source or ""))
    return FileChanges(tallies, tuple(groups[:_MAX_GROUPS]))


def _classify_edit(before: Entry, after: Entry, *, compare_contents: bool) -> FileChange | None:
    """What is different about a file that is where it was. A hard link has no size of its own."""
    if before.size != after.size and before.kind is not after.kind:
        kind = FileChangeKind.UNLINKED if after.kind is EntryKind.FILE else FileChangeKind.LINKED
        return FileChange(kind, after.path, abs(after.size - before.size))
    if before.size != after.size:
        kind = FileChangeKind.GROWN if after.size > before.size else FileChangeKind.SHRUNK
        return FileChange(kind, after.path, abs(after.size - before.size))
    if compare_contents and before.content_hash != after.content_hash:
        return FileChange(FileChangeKind.REWRITTEN, after.path, after.size)
    if (before.mode, before.uid, before.gid) != (after.mode, after.uid, after.gid):
        return FileChange(FileChangeKind.PERMISSIONS, after.path, after.size)
    return None


def _classify_added_and_removed(
    removed: list[Entry], added: list[Entry], *, compare_contents: bool
) -> Iterator[FileChange]:
    moves = pair_moved_files(removed, added) if compare_contents else {}
    sources = set(moves.values())
    for entry in added:
        kind = FileChangeKind.MOVED if entry.path in moves else FileChangeKind.ADDED
        yield FileChange(kind, entry.path, entry.size, moves.get(entry.path, ""))
    for entry in removed:
        if entry.path not in sources:
            yield FileChange(FileChangeKind.REMOVED, entry.path, entry.size)


def _group_moved_files(changes: Iterable[FileChange]) -> Iterator[FileGroup]:
    """Files that went from one directory to another, with all that lay below, are one group."""
    ways: defaultdict[tuple[str, ...], list[FileChange]] = defaultdict(list)
    for change in changes:
        ways[strip_common_suffix((change.source, change.path))].append(change)
    for way, held in ways.items():
        alone = len(held) == 1
        source, path = (f"/{held[0].source}", f"/{held[0].path}") if alone else way
        yield FileGroup(FileChangeKind.MOVED, path, len(held), sum(x.bytes for x in held), source)


def _group_changed_files(
    kind: FileChangeKind, changes: Iterable[FileChange]
) -> Iterator[FileGroup]:
    for path, files, size in group_by_directory(
        [(change.path, change.bytes) for change in changes]
    ):
        yield FileGroup(kind, path, files, size)


def _select_files(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if _is_file(entry)]


def _is_file(entry: Entry) -> bool:
    return entry.kind is EntryKind.FILE or entry.kind is EntryKind.HARDLINK
