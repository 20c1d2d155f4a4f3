"""The line and the package or folder that made most of a change between two sizes of an image.

They are those that the comment of a review names: the layers are paired and the bytes attributed by
`compare`, and what only went to another line is no cause.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.compare.attribution import attribute_growth
from bot.compare.moved_packages import drop_moved_packages
from bot.model.comparison import Attribution, BaseOrHead
from bot.model.image import Image, Layer
from bot.records.image_detail import make_instruction
from bot.records.record import Record, RecordedLayer
from bot.since.largest_owner import find_owner

ImageFinder = Callable[[Record], Image | None]


@dataclass(frozen=True, slots=True)
class Cause:
    """An instruction, and an owner; None or empty where nothing grew as the image did.

    The lines are those of the Dockerfile of the newer commit, of the older one if it is gone.
    """

    line_start: int | None = None
    line_end: int | None = None
    text: str = ""
    owner_kind: str = ""
    owner: str = ""


def find_cause(old: Record, new: Record, find_image: ImageFinder) -> Cause:
    """Return what changed most, in the direction of the whole change.

    `find_image` returns the image of a record; None where only the record is left of it.
    """
    sign = 1 if new.unpacked_bytes >= old.unpacked_bytes else -1
    before, after = find_image(old), find_image(new)
    if before is None or after is None:
        row = _find_sure_row(attribute_growth(_make_image(old), _make_image(new)), sign)
        kind, name = find_owner(old, new)
    else:
        row = _find_row(drop_moved_packages(attribute_growth(before, after)), sign)
        kind, name = _find_owner_of_row(row, sign)
    if row is None:
        return Cause(owner_kind=kind, owner=name)
    return Cause(row.line_start, row.line_end, row.text, kind, name)


def _find_row(rows: Sequence[Attribution], sign: int) -> Attribution | None:
    fitting = [row for row in rows if row.delta_bytes * sign > 0]
    return max(fitting, key=lambda row: row.delta_bytes * sign, default=None)


def _find_sure_row(rows: Sequence[Attribution], sign: int) -> Attribution | None:
    """Return the row with the most of a change; None where it may be of what only moved.

    Without the owners of layers, nobody knows whether an added line holds what a removed one held.
    """
    has_removed = any(row.side is BaseOrHead.BASE and row.delta_bytes for row in rows)
    has_opposite = any(row.delta_bytes * sign < 0 for row in rows)
    return None if has_removed and has_opposite else _find_row(rows, sign)


def _find_owner_of_row(row: Attribution | None, sign: int) -> tuple[str, str]:
    owners = [owner for owner in row.owners if owner.delta_bytes * sign > 0] if row else []
    largest = max(owners, key=lambda owner: owner.delta_bytes * sign, default=None)
    return (largest.kind, largest.name) if largest else ("", "")


def _make_image(record: Record) -> Image:
    """Return what a record says of its image: the layers, without what they hold."""
    return Image(
        reference=record.key.name,
        image_id=record.image_id,
        platform=record.key.platform,
        layers=tuple(_make_layer(index, layer) for index, layer in enumerate(record.layers)),
        compressed_exact=record.compressed_exact,
        filesystem_bytes=record.filesystem_bytes,
        files=0,
    )


def _make_layer(index: int, layer: RecordedLayer) -> Layer:
    return Layer(
        index=index,
        diff_id=layer.diff_id,
        unpacked_bytes=layer.unpacked_bytes,
        compressed_bytes=layer.compressed_bytes,
        files=0,
        created_by=layer.text,
        instruction=make_instruction(layer),
        from_base_image=layer.from_base_image,
    )
