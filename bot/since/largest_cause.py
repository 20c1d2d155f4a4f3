"""The line and the package or folder that made most of a change between two records."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.records.record import Record, RecordedLayer


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


def find_cause(old: Record, new: Record) -> Cause:
    """Return what changed most, in the direction of the whole change."""
    sign = 1 if new.unpacked_bytes >= old.unpacked_bytes else -1
    layer = _find_layer(old, new, sign)
    kind, name = _find_owner(old, new, sign)
    if layer is None:
        return Cause(owner_kind=kind, owner=name)
    return Cause(layer.line_start, layer.line_end, layer.text, kind, name)


def _find_layer(old: Record, new: Record, sign: int) -> RecordedLayer | None:
    best, largest = None, 0
    for before, after in _pair_layers(_unite_base(old.layers), _unite_base(new.layers)):
        growth = (after.unpacked_bytes if after else 0) - (before.unpacked_bytes if before else 0)
        if growth * sign > largest:
            best, largest = after or before, growth * sign
    return best


def _pair_layers(
    old: Sequence[RecordedLayer], new: Sequence[RecordedLayer]
) -> Iterator[tuple[RecordedLayer | None, RecordedLayer | None]]:
    """Pair layers of the same instruction, and those in between in their order."""
    old_texts, new_texts = ([layer.text for layer in layers] for layers in (old, new))
    matcher = SequenceMatcher(None, old_texts, new_texts, autojunk=False)
    for _, start, end, other_start, other_end in matcher.get_opcodes():
        before, after = old[start:end], new[other_start:other_end]
        for index in range(max(len(before), len(after))):
            yield (
                before[index] if index < len(before) else None,
                after[index] if index < len(after) else None,
            )


def _unite_base(layers: Sequence[RecordedLayer]) -> list[RecordedLayer]:
    """Return the layers with those of the base image as one."""
    own = [layer for layer in layers if not layer.from_base_image]
    inherited = [layer for layer in layers if layer.from_base_image]
    if not inherited:
        return own
    first = inherited[0]
    united = RecordedLayer(
        first.diff_id,
        sum(layer.unpacked_bytes for layer in inherited),
        0,
        first.text,
        first.line_start,
        first.line_end,
        from_base_image=True,
    )
    return [united, *own]


def _find_owner(old: Record, new: Record, sign: int) -> tuple[str, str]:
    """Return the owner with the most of the change.

    A record lists the largest owners alone: of one that it does not list, the size is between zero
    and that of the smallest that it lists.
    """
    before, after = _list_owners(old), _list_owners(new)
    growth = Counter[tuple[str, str]]()
    for owner in before.keys() | after.keys():
        # The least that it can have grown: an owner that is not listed is taken to be as large as
        # possible.
        low = after.get(owner, 0) - before.get(owner, _get_most(old))
        if sign < 0:
            low = before.get(owner, 0) - after.get(owner, _get_most(new))
        growth[owner] = low
    largest = max(growth.items(), key=lambda item: (item[1], item[0]), default=(("", ""), 0))
    return largest[0] if largest[1] > 0 else ("", "")


def _list_owners(record: Record) -> Mapping[tuple[str, str], int]:
    sizes = Counter[tuple[str, str]]()
    for owner in record.owners:
        sizes[owner.kind, owner.name] += owner.bytes
    return sizes


def _get_most(record: Record) -> int:
    """Return the most bytes that an owner can have which is not listed."""
    listed = min((owner.bytes for owner in record.owners), default=record.rest_bytes)
    return min(record.rest_bytes, listed)
