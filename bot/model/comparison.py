"""The difference between two measured images, and its causes. All sizes are bytes."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.model.changes import FileChanges, LayerEffect, LayerMatch
from bot.model.image import Image, Layer
from bot.model.metric import Metric


class BaseOrHead(StrEnum):
    """The side of a comparison."""

    BASE = "base"  # the image before the change
    HEAD = "head"  # the image after it


class GrowthCause(StrEnum):
    """The kind of cause for added or removed bytes."""

    INSTRUCTION = "instruction"  # an instruction of the Dockerfile
    BASE_IMAGE = "base-image"  # the image that `FROM` names
    REBUILT = "rebuilt"  # the same files in a layer with another digest


@dataclass(frozen=True, slots=True)
class Owner:
    """A package with a share of the growth, or a directory for files without a package."""

    kind: str
    name: str
    delta_bytes: int
    base_version: str | None = None
    head_version: str | None = None


@dataclass(frozen=True, slots=True)
class Attribution:
    """One cause of growth. The owners' deltas add up to `delta_bytes` exactly.

    `side` is that of the Dockerfile with the lines: base for an instruction that head removed.
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
    """Head minus base, in bytes.

    `pull_delta_bytes` is the download for a client that has the base already; `pull_delta_error` is
    its relative error (0.02 is 2 %).
    """

    unpacked_bytes: int
    compressed_bytes: int
    filesystem_bytes: int
    wasted_bytes: int
    pull_delta_bytes: int
    layers: int
    pull_delta_error: float = 0.0

    @property
    def pull_bytes(self) -> int:
        """The growth by `Metric.PULL`, which is never negative."""
        return self.pull_delta_bytes

    def size(self, metric: Metric) -> int:
        """Return the growth in bytes by the metric of a budget."""
        return metric.choose(self)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two measured sides, either of which may be missing; the attribution adds up to the delta.

    `layer_matches` has each layer of both sides once. `file_changes` is None if the files are
    unknown.
    """

    base: Image | None
    head: Image | None
    delta: Delta | None = None
    attribution: tuple[Attribution, ...] = ()
    layer_matches: tuple[LayerMatch, ...] = ()
    file_changes: FileChanges | None = None

    @property
    def new_layers(self) -> tuple[Layer, ...]:
        """The layers of head that a machine with base's image does not have."""
        owned = {layer.diff_id for layer in self.base.layers} if self.base else set()
        layers = self.head.layers if self.head else ()
        return tuple(layer for layer in layers if layer.diff_id not in owned)

    def growth_error(self, metric: Metric) -> int:
        """Return the possible error of the growth in bytes, 0 if it is exact.

        What both sides have in common is estimated the same way, and adds none.
        """
        base, head = self.base, self.head
        if base is None or head is None:
            return 0
        if metric is Metric.PULL:
            return head.size_error(metric, self.new_layers)
        old, new = _drop_common(base.layers, head.layers, lambda layer: layer.diff_id)
        old, new = _drop_common(old, new, lambda layer: layer.content_id)
        return base.size_error(metric, old) + head.size_error(metric, new)


def _drop_common(
    base: Sequence[Layer], head: Sequence[Layer], identify: Callable[[Layer], str]
) -> tuple[list[Layer], list[Layer]]:
    """Return the layers of each side that the other one does not have, too."""
    common = Counter(filter(None, map(identify, base))) & Counter(map(identify, head))
    # A copy for each side, as `_drop` counts it down.
    return _drop(base, Counter(common), identify), _drop(head, Counter(common), identify)


def _drop(
    layers: Sequence[Layer], common: Counter[str], identify: Callable[[Layer], str]
) -> list[Layer]:
    others = []
    for layer in layers:
        if common[identify(layer)] > 0:
            common[identify(layer)] -= 1
        else:
            others.append(layer)
    return others
