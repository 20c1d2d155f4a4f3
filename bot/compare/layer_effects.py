"""What the lines of an image do to the bytes of the layers below them."""

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
    """The notes on each layer that hides files of others, the weightiest first.

    `moved` are the paths whose content is elsewhere now: a line that removes them ships it twice.
    """
    found: dict[tuple[int, LayerEffectKind, int], list[int]] = {}
    for path, size, written, hidden, how in wasted_files:
        remark = _EFFECT_KINDS[how]
        if remark is LayerEffectKind.REMOVED and path in moved_paths:
            remark = LayerEffectKind.MOVED
        tally = found.setdefault((hidden, remark, written), [0, 0])
        tally[0] += 1
        tally[1] += size
    by_layer: defaultdict[int, list[LayerEffect]] = defaultdict(list)
    for (hidden, remark, written), (files, size) in found.items():
        if size and hidden != written:
            by_layer[hidden].append(LayerEffect(remark, written, files, size))
    return {
        layer: tuple(
            sorted(said, key=lambda note: (-note.bytes, note.kind, note.affected_layer or 0))
        )
        for layer, said in by_layer.items()
    }
