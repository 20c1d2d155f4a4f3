"""A record: one image of one commit as it was measured; sizes in bytes."""

from dataclasses import dataclass
from typing import NamedTuple

from bot.model.build_key import BuildKey
from bot.model.image import LayeredSizes

RECORD_VERSION = 1


class ImageKey(NamedTuple):
    """The identity of an image among records: its name, and the platform that it was built for."""

    name: str
    platform: str


@dataclass(frozen=True, slots=True)
class RecordedLayer:
    """A layer; the lines are those of its instruction in the Dockerfile, None if unknown."""

    diff_id: str
    unpacked_bytes: int
    compressed_bytes: int
    text: str
    line_start: int | None = None
    line_end: int | None = None
    from_base_image: bool = False


@dataclass(frozen=True, slots=True)
class RecordedOwner:
    """A package or directory, and the bytes of it in all layers together."""

    kind: str
    name: str
    bytes: int


@dataclass(frozen=True, slots=True)
class RecordedBuild:
    """A build by its key; `detail` is the digest of the file with the rest of the image."""

    key: BuildKey
    detail: str


@dataclass(frozen=True, slots=True)
class Record(LayeredSizes):
    """An image of a commit.

    `date` is that of the commit, as in `2026-11-26T15:52:50Z`. `store` says how the image was read,
    which decides whether `compressed_bytes` are exact. `owners` are the largest ones, and
    `rest_bytes` what the others have together. `renamed_from` is the image's name before this
    commit, empty if it had the same. `is_approved` for a growth that somebody approved: a limit
    that follows the recorded sizes starts again with it. `build` is None if it is not sure what it
    was built of.
    """

    commit: str
    date: str
    key: ImageKey
    dockerfile: str
    target: str | None
    image_id: str
    store: str
    compressed_exact: bool
    filesystem_bytes: int
    own_wasted_bytes: int
    layers: tuple[RecordedLayer, ...]
    owners: tuple[RecordedOwner, ...] = ()
    rest_bytes: int = 0
    renamed_from: str = ""
    is_approved: bool = False
    build: RecordedBuild | None = None
