"""Explains the growth from one image to another, byte for byte.

Layers are paired: first the common prefix by diff ID, then by the instruction that made them, since
neither the index nor the digest survives an edit above. Every layer of either image falls into
exactly one pair, so the rows add up to the whole difference.
"""

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from bot.core.history import normalise
from bot.core.model import Attribution, Cause, Image, Layer, Owner

Pair = tuple[Layer | None, Layer | None]

# Below this likeness two instructions of the same kind are one removed and one added, not one edited.
_ALIKE = 0.5


def attribute(base: Image, head: Image) -> tuple[Attribution, ...]:
    """The causes of growth, the largest first. Their `delta_bytes` sum to the unpacked growth."""
    rows = [*_base_image_row(base, head)]
    for pair in pair_layers(_own(base), _own(head)):
        rows.extend(_row(*pair))
    return tuple(sorted(rows, key=lambda row: -abs(row.delta_bytes)))


def pair_layers(base: Sequence[Layer], head: Sequence[Layer]) -> list[Pair]:
    """Every layer of both sides once: paired with its counterpart, or with None."""
    shared = _common_prefix(base, head)
    pairs: list[Pair] = list(zip(base[:shared], head[:shared], strict=True))
    old, new = base[shared:], head[shared:]
    matcher = SequenceMatcher(
        None, [_words(x) for x in old], [_words(x) for x in new], autojunk=False
    )
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        if tag == "equal":
            pairs.extend(zip(old[a1:a2], new[b1:b2], strict=True))
        else:
            pairs.extend(_pair_edited(old[a1:a2], new[b1:b2]))
    return pairs


def _pair_edited(old: Sequence[Layer], new: Sequence[Layer]) -> Iterator[Pair]:
    """Pairs instructions that were edited in place, in order; what is left came or went."""
    left = list(new)
    for before in old:
        likely = next((after for after in left if _alike(before, after)), None)
        if likely is None:
            yield before, None
            continue
        skipped = left.index(likely)
        yield from ((None, added) for added in left[:skipped])
        del left[: skipped + 1]
        yield before, likely
    yield from ((None, added) for added in left)


def _alike(before: Layer, after: Layer) -> bool:
    old, new = _words(before), _words(after)
    if old.partition(" ")[0] != new.partition(" ")[0]:
        return False
    return before.diff_id == after.diff_id or SequenceMatcher(None, old, new).ratio() >= _ALIKE


def _row(before: Layer | None, after: Layer | None) -> Iterator[Attribution]:
    """The row of one pair; none for a layer that is the same on both sides."""
    if before and after and before.diff_id == after.diff_id:
        return
    shown = after or before
    if shown is None:
        return
    rebuilt = bool(before and after and before.content_id == after.content_id)
    lines = shown.instruction
    yield Attribution(
        cause=Cause.REBUILT if rebuilt else Cause.INSTRUCTION,
        text=lines.text if lines else normalise(shown.created_by),
        delta_bytes=(after.unpacked_bytes if after else 0)
        - (before.unpacked_bytes if before else 0),
        owners=_owners([before] if before else [], [after] if after else []),
        line_start=lines.line_start if lines else None,
        line_end=lines.line_end if lines else None,
        side="head" if after else "base",
    )


def _base_image_row(base: Image, head: Image) -> Iterator[Attribution]:
    """One row for the base image as a whole: only another `FROM` can change what lies inside."""
    old = [layer for layer in base.layers if layer.from_base_image]
    new = [layer for layer in head.layers if layer.from_base_image]
    if [layer.diff_id for layer in old] == [layer.diff_id for layer in new]:
        return
    source = next((layer.instruction for layer in [*new, *old] if layer.instruction), None)
    yield Attribution(
        cause=Cause.BASE_IMAGE,
        text=source.text if source else "the base image",
        delta_bytes=_total(new) - _total(old),
        owners=_owners(old, new),
        line_start=source.line_start if source else None,
        line_end=source.line_end if source else None,
        side="head" if new else "base",
    )


def _owners(old: Iterable[Layer], new: Iterable[Layer]) -> tuple[Owner, ...]:
    """The difference by owner, the largest first; the parts add up to the whole."""
    delta: dict[tuple[str, str], int] = {}
    for sign, layers in ((-1, old), (1, new)):
        for layer in layers:
            for (kind, name, _), size in layer.owners.items():
                delta[kind, name] = delta.get((kind, name), 0) + sign * size
    owners = [Owner(kind, name, size) for (kind, name), size in delta.items() if size]
    return tuple(sorted(owners, key=lambda owner: (-abs(owner.delta_bytes), owner.name)))


def _own(image: Image) -> list[Layer]:
    return [layer for layer in image.layers if not layer.from_base_image]


def _total(layers: Iterable[Layer]) -> int:
    return sum(layer.unpacked_bytes for layer in layers)


def _common_prefix(base: Sequence[Layer], head: Sequence[Layer]) -> int:
    shared = 0
    for before, after in zip(base, head, strict=False):
        if before.diff_id != after.diff_id:
            break
        shared += 1
    return shared


def _words(layer: Layer) -> str:
    return normalise(layer.created_by)
