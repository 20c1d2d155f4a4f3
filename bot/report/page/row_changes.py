"""The share of each line in the change of a size: on disk, or compressed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.compare.moved_packages import drop_moved_packages
from bot.model.changes import LayerChangeKind, LayerMatch
from bot.model.comparison import Attribution, BaseOrHead, GrowthCause
from bot.model.image import Image, Layer
from bot.model.metric import Metric
from bot.model.report import ImageReport
from bot.report.page import image_facts

_MOST = 5  # all but a fifth
_MAX_COVERING = 3  # to name in a sentence
_RowKey = tuple[bool, BaseOrHead, int | None]


@dataclass(frozen=True)
class RowChange:
    """A row of the attribution, and the bytes by which it changes the size that is shown.

    `is_on_disk` says that these are the row's own, unpacked bytes.
    """

    row: Attribution
    bytes: int
    is_on_disk: bool = True


def list_main_changes(image: ImageReport) -> list[RowChange]:
    """Return the rows that change the size in its own direction, the largest first."""
    delta, growth = image.comparison.delta, image_facts.growth(image)
    if delta is None:
        return []
    # What a container sees is not of one layer: another one may hide it.
    is_compressed = image_facts.find_metric(image) is Metric.COMPRESSED
    is_alike = (growth or 0) * delta.unpacked_bytes > 0
    changes = _list_compressed(image) if is_compressed and is_alike else None
    if changes is None:
        settled = drop_moved_packages(image.comparison.attribution)
        changes = [RowChange(row, row.delta_bytes) for row in settled]
    sign = (delta.unpacked_bytes > 0) - (delta.unpacked_bytes < 0)
    main = [change for change in changes if change.bytes * sign > 0]
    return sorted(main, key=lambda change: -abs(change.bytes))


def get_total(change: RowChange, image: ImageReport) -> int:
    """Return the change of the image by the size that a row's bytes are of."""
    delta = image.comparison.delta
    if delta is None:
        return change.bytes
    return delta.size(Metric.UNPACKED if change.is_on_disk else image_facts.find_metric(image))


def is_most(changes: Sequence[RowChange], image: ImageReport) -> bool:
    """Return True if some changes make up four fifths or more of the whole."""
    total = abs(get_total(changes[0], image))
    return sum(abs(change.bytes) for change in changes) * _MOST >= total * (_MOST - 1)


def list_covering(changes: Sequence[RowChange], image: ImageReport) -> Sequence[RowChange]:
    """Return the fewest of the largest changes that are most of the whole; empty if too many."""
    for count in range(1, min(len(changes), _MAX_COVERING) + 1):
        if is_most(changes[:count], image):
            return changes[:count]
    return []


def _list_compressed(image: ImageReport) -> list[RowChange] | None:
    """Return the rows with their compressed bytes; None where a row's layers are not known."""
    rows = image.comparison.attribution
    keys = [_key_of_row(row) for row in rows]
    if len(set(keys)) < len(keys):
        return None
    sizes = dict.fromkeys(keys, 0)
    for match in image.comparison.layer_matches:
        (key, change) = _key_of_match(image, match), _measure(image, match)
        if key in sizes:
            sizes[key] += change
        elif change:
            return None
    return [
        RowChange(row, sizes[key], is_on_disk=False) for row, key in zip(rows, keys, strict=True)
    ]


def _key_of_row(row: Attribution) -> _RowKey:
    if row.cause is GrowthCause.BASE_IMAGE:
        return True, BaseOrHead.HEAD, None
    return False, row.side, row.line_start


def _key_of_match(image: ImageReport, match: LayerMatch) -> _RowKey:
    if match.kind is LayerChangeKind.BASE_IMAGE:
        return True, BaseOrHead.HEAD, None
    *_, (_, layer) = _list_layers(image, match)
    side = BaseOrHead.BASE if match.head_index is None else BaseOrHead.HEAD
    return False, side, layer.instruction.line_start if layer.instruction else None


def _measure(image: ImageReport, match: LayerMatch) -> int:
    return sum(sign * layer.compressed_bytes for sign, layer in _list_layers(image, match))


def _list_layers(image: ImageReport, match: LayerMatch) -> Iterator[tuple[int, Layer]]:
    """Yield the layers of a match with the sign of their bytes, head's last."""
    sides: tuple[tuple[int, Image | None, int | None], ...] = (
        (-1, image.comparison.base, match.base_index),
        (1, image.comparison.head, match.head_index),
    )
    for sign, side, index in sides:
        if side is not None and index is not None:
            yield sign, side.layers[index]
