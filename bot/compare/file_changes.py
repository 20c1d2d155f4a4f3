"""File changes between the visible file systems of two images."""

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
    """One changed file.

    `bytes` is as in `FileGroup`; `source` is the former path of a moved file.
    """

    kind: FileChangeKind
    path: str
    bytes: int
    source: str = ""


def find_changed_files(base: Image, head: Image) -> list[FileChange]:
    """Return every file that differs.

    Contents are compared only where both images hash with the same algorithm: tar-split of an
    overlay2 engine gives CRC-64, every other source XXH3.
    """
    compare_contents = base.hash_algorithm is head.hash_algorithm
    old_tree, new_tree = base.tree, head.tree
    removed = [old_tree[path] for path in old_tree.keys() - new_tree.keys()]
    added: list[Entry] = []
    changes: list[FileChange] = []
    for path, after in new_tree.items():
        before = old_tree.get(path)
        # Identity first: most entries of both trees come from the same cached layer.
        if before is after or before == after:
            continue
        if before is None or not (_is_file(before) and _is_file(after)):
            # A file that became a link, or the other way round, is one removed and one added.
            removed += [before] if before else []
            added.append(after)
        elif change := _classify_edit(before, after, compare_contents=compare_contents):
            changes.append(change)
    return [
        *changes,
        *_classify_added_and_removed(
            _select_files(removed), _select_files(added), compare_contents=compare_contents
        ),
    ]


def summarise_changes(changes: Sequence[FileChange]) -> FileChanges:
    """Count the changes by kind, and list the largest with directories rolled up."""
    changes_by_kind: dict[FileChangeKind, list[FileChange]] = {kind: [] for kind in FileChangeKind}
    for change in changes:
        changes_by_kind[change.kind].append(change)
    tallies: dict[FileChangeKind, Tally] = {}
    groups: list[FileGroup] = []
    for kind, kind_changes in changes_by_kind.items():
        tallies[kind] = Tally(len(kind_changes), sum([change.bytes for change in kind_changes]))
        groups += (
            _group_moved_files(kind_changes)
            if kind is FileChangeKind.MOVED
            else _group_changed_files(kind, kind_changes)
        )
    groups.sort(key=lambda group: (-group.bytes, group.kind, group.path, group.source or ""))
    return FileChanges(tallies, tuple(groups[:_MAX_GROUPS]))


def _classify_edit(before: Entry, after: Entry, *, compare_contents: bool) -> FileChange | None:
    """Return the change of a file that kept its path; None if nothing differs.

    A hard link has no size of its own.
    """
    # Of two hard links the first has the bytes, so the other one changes with its order.
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
    """Group files that moved from one directory to another, with everything below."""
    moves: defaultdict[tuple[str, ...], list[FileChange]] = defaultdict(list)
    for change in changes:
        moves[strip_common_suffix((change.source, change.path))].append(change)
    for directories, files in moves.items():
        is_single = len(files) == 1
        names = (f"/{files[0].source}", f"/{files[0].path}") if is_single else directories
        source, path = names
        size = sum(file.bytes for file in files)
        yield FileGroup(FileChangeKind.MOVED, path, len(files), size, source)


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
