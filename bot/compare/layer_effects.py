"""The effects of each layer of an image on the files of the layers below it.

A line that copies, overwrites or removes files of a lower layer ships their bytes twice.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace

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


def drop_earlier_effects(
    effects: Iterable[LayerEffect],
    earlier: Iterable[LayerEffect],
    groups: tuple[Mapping[int, int], Mapping[int, int]],
) -> tuple[LayerEffect, ...]:
    """Return the effects of a layer without what its counterpart in base does, too.

    `groups` number the layers of base and of head: those that are counterparts have one number.
    """
    base_groups, head_groups = groups
    earlier_bytes, earlier_files = Counter[_GroupKey](), Counter[_GroupKey]()
    for effect in earlier:
        key = _group_key(effect, base_groups)
        earlier_bytes[key] += effect.bytes
        earlier_files[key] += effect.files
    rest = []
    for effect in effects:
        key = _group_key(effect, head_groups)
        size = min(effect.bytes, earlier_bytes[key])
        files = min(effect.files - 1, earlier_files[key])
        earlier_bytes[key] -= size
        earlier_files[key] -= files
        rest.append(replace(effect, bytes=effect.bytes - size, files=effect.files - files))
    return tuple(sorted((effect for effect in rest if effect.bytes), key=_sort_key))


_GroupKey = tuple[LayerEffectKind, int | None]


def _group_key(effect: LayerEffect, groups: Mapping[int, int]) -> _GroupKey:
    # Base's removal of files that head has elsewhere is a move in head alone.
    is_move = effect.kind is LayerEffectKind.MOVED
    kind = LayerEffectKind.REMOVED if is_move else effect.kind
    return kind, groups.get(effect.affected_layer or 0)


def _sort_key(effect: LayerEffect) -> tuple[int, LayerEffectKind, int]:
    return -effect.bytes, effect.kind, effect.affected_layer or 0
