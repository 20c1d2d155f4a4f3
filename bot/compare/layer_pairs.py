"""Pairs of layers: which layer of head corresponds to which layer of base.

First the common prefix by diff ID, then by the instruction that made them, since neither the index
nor the digest survives an edit above; last by what they hold. container-diff pairs by index and is
wrong after the first inserted line. Every layer of either image is in exactly one pair; those of
the base image are paired apart, since nothing in the Dockerfile made them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from bot.compare.shared_owners import find_successor
from bot.image.build_history import normalise_created_by
from bot.model.changes import LayerChangeKind, LayerMatch
from bot.model.image import Image, Layer

LayerPair = tuple[Layer | None, Layer | None]

# Less similar instructions of one kind count as one removed and one added, not as one edited.
_MIN_SIMILARITY = 0.5
_MIN_LONG_TEXT_LENGTH = 200  # from which difflib has its `autojunk`


def match_layers(base: Image, head: Image) -> tuple[LayerMatch, ...]:
    """Return every layer of both images once, with its change; the base image's first."""
    # By their order, which is all that layers of two base images have in common.
    inherited = zip_longest(base_image_layers(base), base_image_layers(head))
    return (
        *(_build_match(LayerChangeKind.BASE_IMAGE, pair) for pair in inherited),
        *(
            _build_match(classify_pair(pair), pair)
            for pair in pair_layers(own_layers(base), own_layers(head))
        ),
    )


def classify_pair(pair: LayerPair) -> LayerChangeKind:
    """Return what became of a layer that the Dockerfile added."""
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
    """Return the layers that came with the base image."""
    return [layer for layer in image.layers if layer.from_base_image]


def own_layers(image: Image) -> list[Layer]:
    """Return the layers that the Dockerfile added."""
    return [layer for layer in image.layers if not layer.from_base_image]


def pair_layers(base: Sequence[Layer], head: Sequence[Layer]) -> list[LayerPair]:
    """Return every layer of both sides once: paired with its counterpart, or with None."""
    prefix_length = _count_common_prefix(base, head)
    pairs: list[LayerPair] = list(zip(base[:prefix_length], head[:prefix_length], strict=True))
    old_layers, new_layers = base[prefix_length:], head[prefix_length:]
    # Without autojunk, which ignores texts that are frequent in a list of 200 or more.
    matcher = SequenceMatcher(
        None,
        [_normalised_instruction(layer) for layer in old_layers],
        [_normalised_instruction(layer) for layer in new_layers],
        autojunk=False,
    )
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            pairs.extend(
                zip(old_layers[old_start:old_end], new_layers[new_start:new_end], strict=True)
            )
        else:
            pairs.extend(
                _pair_edited_layers(old_layers[old_start:old_end], new_layers[new_start:new_end])
            )
    return list(_pair_leftover_layers(pairs))


def _pair_leftover_layers(pairs: Sequence[LayerPair]) -> Iterator[LayerPair]:
    """Pair an instruction that went elsewhere, or became another one, at its place in head.

    As one removed and one added, it would be the largest cause of a growth that it has no part in.
    """
    # Only what found no counterpart where it was: an edit in place comes first.
    removed = [before for before, after in pairs if before and after is None]
    added = [after for before, after in pairs if after and before is None]
    counterparts: dict[int, Layer] = {}
    for find_counterpart in (_find_same_instruction, find_successor):
        for earlier in tuple(removed):
            free = [layer for layer in added if layer.index not in counterparts]
            if counterpart := find_counterpart(earlier, free):
                removed.remove(earlier)
                counterparts[counterpart.index] = earlier
    for before, after in pairs:
        if after is not None:
            yield counterparts.get(after.index, before), after
        elif before in removed:
            yield before, None


def _find_same_instruction(before: Layer, candidates: Iterable[Layer]) -> Layer | None:
    text = _normalised_instruction(before)
    return next((layer for layer in candidates if _normalised_instruction(layer) == text), None)


def _pair_edited_layers(old: Sequence[Layer], new: Sequence[Layer]) -> Iterator[LayerPair]:
    """Pair instructions that were edited in place, in order; the rest was added or removed."""
    unpaired = list(new)
    for before in old:
        counterpart = next((after for after in unpaired if _is_similar(before, after)), None)
        if counterpart is None:
            yield before, None
            continue
        index = unpaired.index(counterpart)
        yield from ((None, added) for added in unpaired[:index])
        del unpaired[: index + 1]
        yield before, counterpart
    yield from ((None, added) for added in unpaired)


def _is_similar(before: Layer, after: Layer) -> bool:
    old, new = _normalised_instruction(before), _normalised_instruction(after)
    if old.partition(" ")[0] != new.partition(" ")[0]:
        return False
    return before.diff_id == after.diff_id or _measure_similarity(old, new) >= _MIN_SIMILARITY


def _measure_similarity(old: str, new: str) -> float:
    """Return the share of the letters, or of a longer text's words, that two texts have in common.

    From 200 letters on difflib takes the frequent ones for junk, which nearly all of them are then;
    without that it takes the square of the length.
    """
    if max(len(old), len(new)) < _MIN_LONG_TEXT_LENGTH:
        return SequenceMatcher(None, old, new).ratio()
    old_words, new_words = Counter(old.split()), Counter(new.split())
    return 2 * (old_words & new_words).total() / (old_words.total() + new_words.total())


def _build_match(kind: LayerChangeKind, pair: LayerPair) -> LayerMatch:
    before, after = pair
    return LayerMatch(kind, before.index if before else None, after.index if after else None)


def _count_common_prefix(base: Sequence[Layer], head: Sequence[Layer]) -> int:
    count = 0
    for before, after in zip(base, head, strict=False):
        if before.diff_id != after.diff_id:
            break
        count += 1
    return count


def _normalised_instruction(layer: Layer) -> str:
    # BuildKit rewrites the text: `RUN |1 ARG=… /bin/sh -c … # buildkit`.
    return normalise_created_by(layer.created_by)
