"""The effects of each layer of an image on the files of the layers below it.

A line that copies, overwrites or removes files of a lower layer ships their bytes twice.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping

from bot.model.changes import LayerEffect, LayerEffectKind
from bot.model.files import WasteCause, WastedFile

_EFFECT_KINDS = {
    WasteCause.COPIED: LayerEffectKind.COPIED,
    WasteCause.OVERWRITTEN: LayerEffectKind.OVERWRITTEN,
    WasteCause.REMOVED: LayerEffectKind.REMOVED,
}


def find_layer_effects(
    wasted_files: Iterable[WastedFile], moved_paths: Container[str]
) -> Mapping[int, tuple[LayerEffect, ...]]:
    """Return the effects of each layer that hides files of others, the largest first.

    `moved_paths` are the paths of content that is elsewhere now: a line that removes them ships
    it twice.
    """
    tallies: dict[tuple[int, LayerEffectKind, int], list[int]] = {}
    for path, size, shipping_layer, hiding_layer, cause in wasted_files:
        kind = _EFFECT_KINDS[cause]
        if kind is LayerEffectKind.REMOVED and path in moved_paths:
            kind = LayerEffectKind.MOVED
        tally = tallies.setdefault((hiding_layer, kind, shipping_layer), [0, 0])
        tally[0] += 1
        tally[1] += size
    by_layer: defaultdict[int, list[LayerEffect]] = defaultdict(list)
    for (hiding_layer, kind, shipping_layer), (files, size) in tallies.items():
        # A layer that writes a file twice has hidden nothing of another one.
        if size and hiding_layer != shipping_layer:
            by_layer[hiding_layer].append(LayerEffect(kind, shipping_layer, files, size))
    return {layer: tuple(sorted(effects, key=_sort_key)) for layer, effects in by_layer.items()}


def _sort_key(effect: LayerEffect) -> tuple[int, LayerEffectKind, int]:
    return -effect.bytes, effect.kind, effect.affected_layer or 0
