"""What changed between two measured images, and what caused it. All sizes are bytes."""

from dataclasses import dataclass
from enum import StrEnum

from bot.model.changes import FileChanges, LayerEffect, LayerMatch
from bot.model.image import Image, Metric


class BaseOrHead(StrEnum):
    """The side of a comparison."""

    BASE = "base"  # the image before the change
    HEAD = "head"  # the image after it


class GrowthCause(StrEnum):
    """Why bytes came or went."""

    INSTRUCTION = "instruction"
    BASE_IMAGE = "base-image"
    REBUILT = "rebuilt"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose bytes they are: a package, or the most telling directory where no package owns them."""

    kind: str
    name: str
    delta_bytes: int
    base_version: str | None = None
    head_version: str | None = None


@dataclass(frozen=True, slots=True)
class Attribution:
    """One cause of growth. The owners' deltas add up to `delta_bytes`, exactly.

    The lines are those of the head's Dockerfile; of the base's where head has lost the instruction
    (`side` says which).
    """

    cause: GrowthCause
    text: str
    delta_bytes: int
    owners: tuple[Owner, ...]
    line_start: int | None = None
    line_end: int | None = None
    side: BaseOrHead = BaseOrHead.HEAD
    effects: tuple[LayerEffect, ...] = ()


@dataclass(frozen=True, slots=True)
class Delta:
    """Head minus base, in bytes; `pull_delta_bytes` is what a client of base must download, and
    `pull_delta_error` how far that may be off, as a share of it.
    """

    unpacked_bytes: int
    compressed_bytes: int
    filesystem_bytes: int
    wasted_bytes: int
    pull_delta_bytes: int
    layers: int
    pull_delta_error: float = 0.0

    def size(self, metric: Metric) -> int:
        """The growth in bytes by the metric of a budget."""
        return {
            Metric.UNPACKED: self.unpacked_bytes,
            Metric.COMPRESSED: self.compressed_bytes,
            Metric.FILESYSTEM: self.filesystem_bytes,
        }[metric]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two measured sides, either of which may be missing. The attribution sums to the delta.

    `layers` has each layer of both sides once; `files` is None where the files are not known.
    """

    base: Image | None
    head: Image | None
    delta: Delta | None = None
    attribution: tuple[Attribution, ...] = ()
    layer_matches: tuple[LayerMatch, ...] = ()
    file_changes: FileChanges | None = None
