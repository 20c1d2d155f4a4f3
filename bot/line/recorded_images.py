"""The records of images in the history of a commit, newest first.

Records are untrusted: what is damaged is left out with a note, and loses no other one.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from bot.errors import ReviewError
from bot.line.ports import Git
from bot.line.record_store import RecordStore
from bot.model.image import Image
from bot.model.sizes import format_names
from bot.pull_request.event import Commit
from bot.records.image_detail import MAX_DETAIL_BYTES, read_detail
from bot.records.record import ImageKey, Record
from bot.records.record_paths import RecordPath, make_detail_path
from bot.records.record_reader import MAX_RECORD_BYTES, read_record
from bot.records.selection import check_place, select_newest

_MAX_COMMITS = 5_000
_MAX_RECORDS = 200  # of one image
_MAX_BYTES = 100_000_000  # of all images together
_MAX_NAMES = 10  # that one image has had
_MAX_DAMAGED = 3  # that a note lists


class RecordedImages:
    """Finds the records of images in the first-parent history of a commit."""

    def __init__(
        self,
        git: Git,
        store: RecordStore,
        commit: Commit,
        commits: Sequence[str] | None = None,
        most: int = _MAX_RECORDS,
    ) -> None:
        """Look for at most `most` records of each image.

        `commits` are those of the history that count, the newest first; None for all of them.
        """
        self._git, self._store, self._commit = git, store, commit
        self._commits, self._most = commits, most
        self._damaged: list[str] = []
        self._problem, self._bytes = "", 0
        self._records: dict[ImageKey, tuple[Record, ...]] = {}

    def find(self, key: ImageKey) -> tuple[Record, ...]:
        """Return the records of an image, also under the names that it had before."""
        if key not in self._records:
            try:
                self._records[key] = tuple(self._follow_names(key))[: self._most]
            except ReviewError as problem:
                self._problem = self._problem or problem.reason
                self._records[key] = ()
        return self._records[key]

    def read_image(self, record: Record) -> Image | None:
        """Return the image of a record, without its files; None if its detail is no good."""
        if record.build is None:
            return None
        try:
            content = next(self._store.read_files([make_detail_path(record)], MAX_DETAIL_BYTES))
            return None if content is None else read_detail(content, record)
        # Nothing is lost but the time of a build, or the line of a cause.
        except (ReviewError, OSError, ValueError):
            return None

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what could not be read."""
        notes = [f"The history could not be read: {self._problem}."] if self._problem else []
        if self._damaged:
            listed = format_names(self._damaged, _MAX_DAMAGED)
            notes.append(f"Invalid records were left out: {listed}.")
        return tuple(notes)

    @property
    def problem(self) -> str:
        """Say why nothing could be read; empty if it could."""
        return self._problem

    def _follow_names(self, key: ImageKey) -> Iterator[Record]:
        positions: Mapping[str, int] = self._positions
        for _ in range(_MAX_NAMES):
            records = list(self._read(key, positions))
            yield from records
            if not records or not records[-1].renamed_from:
                return
            # The older name counts for what is older than the change of the name.
            last = positions[records[-1].commit]
            positions = {sha: x for sha, x in positions.items() if x > last}
            key = ImageKey(records[-1].renamed_from, key.platform)

    def _read(self, key: ImageKey, positions: Mapping[str, int]) -> Iterator[Record]:
        paths = select_newest(self._paths, key, positions, self._most)
        contents = self._store.read_files([path.path for path in paths], MAX_RECORD_BYTES)
        for path, content in zip(paths, contents, strict=True):
            self._bytes += len(content or b"")
            # Whoever can write to the branch must not fill the memory.
            if self._bytes > _MAX_BYTES:
                self._damaged.append(f"more than {_MAX_BYTES // 1_000_000} MB in all")
                return
            record = self._try_to_read(path, content, key)
            if record is not None:
                yield record

    def _try_to_read(self, path: RecordPath, content: bytes | None, key: ImageKey) -> Record | None:
        try:
            if content is None:
                raise ValueError(f"it is not a file of at most {MAX_RECORD_BYTES // 1_000_000} MB")
            record = read_record(content)
            check_place(record, path, key)
        except ValueError as problem:
            self._damaged.append(f"{path.commit[:12]} of {key.name} ({str(problem)[:100]})")
            return None
        return record

    @cached_property
    def _positions(self) -> Mapping[str, int]:
        commits = self._commits
        if commits is None:
            commits = self._git.list_first_parents(self._commit, _MAX_COMMITS)
        return {commit: position for position, commit in enumerate(commits)}

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        return tuple(self._store.list_paths())
