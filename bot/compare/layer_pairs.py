"""Which layer of one image answers to which of another.

First the common prefix by diff ID, then by the instruction that made them, since neither the index
nor the digest survives an edit above. Every layer of either image falls into exactly one pair; those
of the base image are taken apart, since nothing in the Dockerfile made them.
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from bot.image.build_history import normalise_created_by
from bot.model.changes import LayerChangeKind, LayerMatch
from bot.model.image import Image, Layer

LayerPair = tuple[Layer | None, Layer | None]

# Below this likeness two instructions of the same kind are one removed and one added, not one edited.
_MIN_SIMILARITY = 0.5


def match_layers(base: Image, head: Image) -> tuple[LayerMatch, ...]:
    """Every layer of both images once, named by what became of it; the base image's first."""
    inherited = zip_longest(base_image_layers(base), base_image_layers(head))
    return (
        *(_build_match(LayerChangeKind.BASE_IMAGE, pair) for pair in inherited),
        *(
            _build_match(classify_pair(pair), pair)
            for pair in pair_layers(own_layers(base), own_layers(head))
        ),
    )


def classify_pair(pair: LayerPair) -> LayerChangeKind:
    """What became of a layer of the Dockerfile's own."""
    before, after = pair
    if before is None:
        return LayerChangeKind.ADDED
    if after is None:
        return LayerChangeKind.REMOVED
    if before.diff_id == after.diff_id:
        return LayerChangeKind.SAME
    rebuilt = before.content_id and before.content_id == after.content_id
    return LayerChangeKind.REBUILT if rebuilt else LayerChangeKind.CHANGED


def base_image_layers(image: Image) -> list[Layer]:
    """The layers that came with the base image."""
    return [layer for layer in image.layers if layer.from_base_image]


def own_layers(image: Image) -> list[Layer]:
    """The layers that the Dockerfile added."""
    return [layer for layer in image.layers if not layer.from_base_image]


def pair_layers(base: Sequence[Layer], head: Sequence[Layer]) -> list[LayerPair]:
    """Every layer of both sides once: paired with its counterpart, or with None."""
    shared = _count_common_prefix(base, head)
    pairs: list[LayerPair] = list(zip(base[:shared], head[:shared], strict=True))
    old, new = base[shared:], head[shared:]
    matcher = SequenceMatcher(
        None,
        [_normalised_instruction(x) for x in old],
        [_normalised_instruction(x) for x in new],
        autojunk=False,
    )
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        if tag == "equal":
            pairs.extend(zip(old[a1:a2], new[b1:b2], strict=True))
        else:
            pairs.extend(_pair_edited_layers(old[a1:a2], new[b1:b2]))
    return pairs


def _pair_edited_layers(old: Sequence[Layer], new: Sequence[Layer]) -> Iterator[LayerPair]:
    """Pairs instructions that were edited in place, in order; what is left came or went."""
    left = list(new)
    for before in old:
        likely = next((after for after in left if _is_similar(before, after)), None)
        if likely is None:
            yield before, None
            continue
        skipped = left.index(likely)
        yield from ((None, added) for added in left[:skipped])
        del left[: skipped + 1]
        yield before, likely
    yield from ((None, added) for added in left)


def _is_similar(before: Layer, after: Layer) -> bool:
    old, new = _normalised_instruction(before), _normalised_instruction(after)
    if old.partition(" ")[0] != new.partition(" ")[0]:
        return False
    return (
        before.diff_id == after.diff_id
        or SequenceMatcher(None, old, new).ratio() >= _MIN_SIMILARITY
    )


def _build_match(kind: LayerChangeKind, pair: LayerPair) -> LayerMatch:
    before, after = pair
    return LayerMatch(kind, before.index if before else None, after.index if after else None)


def _count_common_prefix(base: Sequence[Layer], head: Sequence[Layer]) -> int:
    shared = 0
    for before, after in zip(base, head, strict=False):
        if before.diff_id != after.diff_id:
            break
        shared += 1
    return shared


def _normalised_instruction(layer: Layer) -> str:
    return normalise_created_by(layer.created_by)
