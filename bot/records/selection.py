"""Selects records by their paths, before any of them is read."""

from collections.abc import Iterable, Mapping

from bot.records.record import ImageKey, Record
from bot.records.record_paths import RecordPath, digest_key, split_path


def select_newest(
    paths: Iterable[str], key: ImageKey, positions: Mapping[str, int], most: int
) -> list[RecordPath]:
    """Return the paths of an image's records, the newest commit first.

    `positions` are the places of commits in the history that counts, 0 for the newest. Records of
    other commits are left out.
    """
    digest = digest_key(key)
    own = (path for path in map(split_path, paths) if path and path.image == digest)
    # A forged path may repeat a commit below another month: one of them counts.
    listed = {path.commit: path for path in own if path.commit in positions}
    return sorted(listed.values(), key=lambda path: positions[path.commit])[:most]


def check_place(record: Record, path: RecordPath, key: ImageKey) -> None:
    """Raise ValueError for a record at the place of another commit or image."""
    if record.commit != path.commit:
        raise ValueError(f"it is of the commit {record.commit[:12]}")
    if record.key != key:
        raise ValueError("it is of another image")
