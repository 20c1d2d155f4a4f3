"""The commits that changed the sizes of images, as a report shows them; all sizes are bytes."""

from dataclasses import dataclass
from enum import StrEnum

from bot.model.image_identity import ImageIdentity


@dataclass(frozen=True, slots=True)
class WalkedCommit:
    """A commit of a branch itself; `date` is when it was committed (`2026-11-26T15:52:50Z`)."""

    sha: str
    date: str
    author: str = ""
    subject: str = ""
    pull_request: int | None = None


@dataclass(frozen=True, slots=True)
class SizeChange:
    """A commit that changed the size of an image.

    The lines are those of the instruction that changed most, None if unknown; `owner` is the
    package, folder or file with the most of the change, empty if unknown.
    """

    image: ImageIdentity
    commit: WalkedCommit
    bytes: int
    line_start: int | None = None
    line_end: int | None = None
    text: str = ""
    owner_kind: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class MovedSource:
    """A change that no commit made, between two commits or at one.

    `owner` is what changed most, such as the base image's `FROM`.
    """

    image: ImageIdentity
    older: WalkedCommit
    newer: WalkedCommit
    bytes: int
    owner: str = ""
    is_base_image: bool = False


class RangeReason(StrEnum):
    """The reason why commits were not told apart; the text is that of the JSON report."""

    NOT_LOOKED_INTO = "not-looked-into"
    SMALL_CHANGES = "small-changes"
    DOES_NOT_BUILD = "does-not-build"
    OTHER_TIMES = "measured-at-other-times"


@dataclass(frozen=True, slots=True)
class UnexaminedRange:
    """Commits behind `older`, up to `newer`, and their net change; None if that is unknown.

    `problem` is why one of them could not be built.
    """

    image: ImageIdentity
    older: WalkedCommit
    newer: WalkedCommit
    commits: int
    bytes: int | None
    reason: RangeReason
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SizePoint:
    """A size that is known of a commit; it was recorded, or else measured for this report."""

    commit: str
    date: str
    bytes: int
    is_recorded: bool


@dataclass(frozen=True, slots=True)
class ImageSizes:
    """The sizes of an image over the commits, the oldest first.

    `added_by` is the commit that the image came with, None if it is older than all of them.
    `oldest_bytes` and `newest_bytes` are None if nothing could be measured.
    """

    image: ImageIdentity
    title: str
    points: tuple[SizePoint, ...]
    oldest_bytes: int | None
    newest_bytes: int | None
    added_by: WalkedCommit | None = None

    @property
    def change_bytes(self) -> int | None:
        """The net change; None if it is unknown."""
        if self.oldest_bytes is None or self.newest_bytes is None:
            return None
        return self.newest_bytes - self.oldest_bytes


@dataclass(frozen=True, slots=True)
class SinceFacts:
    """The answer to which commits changed the sizes of images since a revision or a date.

    For each image the bytes of its changes, moved sources and ranges add up to its net change.
    `commits` is their number behind `start`; `builds`, `recorded` and `reused` are where sizes came
    from: builds of this run, the history, and builds of earlier runs. `problem` is what ended the
    search early, such as an engine that does not answer.
    """

    since: str
    start: WalkedCommit
    commits: int
    images: tuple[ImageSizes, ...] = ()
    changes: tuple[SizeChange, ...] = ()
    moved: tuple[MovedSource, ...] = ()
    unexamined: tuple[UnexaminedRange, ...] = ()
    builds: int = 0
    recorded: int = 0
    reused: int = 0
    covers_all: bool = False
    is_interrupted: bool = False
    problem: str = ""
