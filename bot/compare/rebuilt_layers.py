"""The layers that another build of the same may make differently, beside what a change does."""

from collections.abc import Sequence
from dataclasses import replace

from bot.compare.layer_pairs import (
    LayerPair,
    base_image_layers,
    classify_pair,
    own_layers,
    pair_layers,
)
from bot.image.build_history import normalise_created_by
from bot.model.changes import LayerChangeKind
from bot.model.image import Image, Layer, SizedLayer
from bot.model.metric import Metric


def list_rebuilt_layers(base: Image, head: Image) -> list[LayerPair]:
    """Return the pairs of layers with other content by the same instruction.

    Files of the context are of the change itself, and a layer that copies nothing else is none of
    them.
    """
    pairs = pair_layers(own_layers(base), own_layers(head))
    return [pair for pair in pairs if _is_rebuilt(pair)]


def sum_rebuilt_bytes(pairs: Sequence[LayerPair], metric: Metric) -> int:
    """Return the bytes by which layers differ, larger and smaller ones added up."""
    # One by one, so that a layer that became smaller does not hide one that became larger.
    return sum(abs(_get_size(after, metric) - _get_size(before, metric)) for before, after in pairs)


def measure_base_drift(base: Image, head: Image, metric: Metric) -> int:
    """Return the bytes by which the base images of two images differ."""
    old, new = (
        sum(_get_size(layer, metric) for layer in base_image_layers(side)) for side in (base, head)
    )
    return abs(new - old)


def drop_replaced_layers(base: Image, head: Image) -> Image:
    """Return base as small as it may be today: without the layers of commands that head replaces.

    Nobody has run these commands again, and they might make less than when base was measured.
    """
    pairs = pair_layers(own_layers(base), own_layers(head))
    replaced = {before.index for before, after in pairs if before and _is_replaced(before, after)}
    hidden = [layer for layer in base.layers if layer.index in replaced]
    # What later layers hide of a layer is in no container, and so in no `filesystem_bytes`.
    visible_bytes = sum(layer.unpacked_bytes - layer.wasted_bytes for layer in hidden)
    layers = (_empty(layer) if layer.index in replaced else layer for layer in base.layers)
    return replace(
        base,
        layers=tuple(layers),
        filesystem_bytes=base.filesystem_bytes - visible_bytes,
    )


def _empty(layer: Layer) -> Layer:
    return replace(layer, unpacked_bytes=0, compressed_bytes=0, wasted_bytes=0)


def _is_replaced(before: Layer, after: Layer | None) -> bool:
    same_kinds = (LayerChangeKind.SAME, LayerChangeKind.REBUILT)
    if _copies_context(before) or (after and classify_pair((before, after)) in same_kinds):
        return False
    return after is None or not _has_same_text(before, after)


def _has_same_text(before: Layer, after: Layer) -> bool:
    texts = [normalise_created_by(layer.created_by) for layer in (before, after)]
    return texts[0] == texts[1]


def _is_rebuilt(pair: LayerPair) -> bool:
    before, after = pair
    if before is None or after is None or classify_pair(pair) is not LayerChangeKind.CHANGED:
        return False
    return _has_same_text(before, after) and not _copies_context(after)


def _copies_context(layer: Layer) -> bool:
    """Return True if a layer has files of the context alone, which no other build changes."""
    instruction = layer.instruction
    # Not ADD, which may take what a server has today.
    if instruction is None or instruction.keyword.upper() != "COPY":
        return False
    return "--from" not in instruction.text


def _get_size(layer: SizedLayer | None, metric: Metric) -> int:
    if layer is None:
        return 0
    is_compressed = metric.of_sizes is Metric.COMPRESSED
    return layer.compressed_bytes if is_compressed else layer.unpacked_bytes
