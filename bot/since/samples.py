"""Sizes of one image at one commit, and how two of them differ."""

import hashlib
from dataclasses import dataclass

from bot.records.record import Record, RecordedLayer


@dataclass(frozen=True, slots=True)
class BasePart:
    """The layers of the base image: the `FROM` that names it, a digest of them, their bytes."""

    text: str
    digest: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A size of an image. `base` is None where its base image is unknown, or of the repository.

    `record` has its layers and owners, where they are known.
    """

    bytes: int
    base: BasePart | None = None
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """The difference of two samples: the part that commits made, and that of a moved base image."""

    commit_bytes: int
    moved_bytes: int = 0


def make_sample(record: Record, *, has_own_base: bool = False) -> Sample:
    """Return the sample of a record; `has_own_base` for a base image of the repository."""
    return Sample(record.unpacked_bytes, None if has_own_base else find_base(record), record)


def find_base(record: Record) -> BasePart | None:
    """Return the base image's part; None without one, or if its name holds a variable."""
    layers = [layer for layer in record.layers if layer.from_base_image]
    # Two values of a variable name two images, and a change of it is a commit's.
    if not layers or "$" in layers[0].text:
        return None
    return BasePart(_strip_stage_name(layers[0].text), _digest(layers), _sum_bytes(layers))


def compare_samples(old: Sample, new: Sample) -> Change:
    """Split the difference of two samples.

    The same `FROM` with other layers is a base image that moved: no commit did that.
    """
    total, before, after = new.bytes - old.bytes, old.base, new.base
    if before is None or after is None or before.text != after.text:
        return Change(total)
    moved = after.bytes - before.bytes if before.digest != after.digest else 0
    return Change(total - moved, moved)


def _strip_stage_name(text: str) -> str:
    words = text.split()
    has_stage = len(words) > 3 and words[-2].upper() == "AS"
    return " ".join(words[:-2] if has_stage else words)


def _digest(layers: list[RecordedLayer]) -> str:
    return hashlib.sha256("\0".join(layer.diff_id for layer in layers).encode()).hexdigest()


def _sum_bytes(layers: list[RecordedLayer]) -> int:
    return sum(layer.unpacked_bytes for layer in layers)
