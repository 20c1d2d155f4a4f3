"""The section that lists the layers."""

from bot.compare.layer_pairs import inherited_layers
from bot.image.build_history import normalise
from bot.model.changes import LayerClass
from bot.model.comparison import Comparison
from bot.model.image import Image, Layer
from bot.model.report import ImageReport
from bot.model.sizes import show_change, show_size
from bot.report.page import image_facts
from bot.report.page.page_model import Foreign, Phrase, Section, Table, Worth, count

_CLASSES = {kind: kind.value for kind in LayerClass} | {
    LayerClass.REBUILT: "rebuilt, same content",
}


def layers(image: ImageReport) -> list[Section]:
    """Both sides' layers in pairs, as the attribution pairs them; or those of the one side."""
    base, head = image.comparison.base, image.comparison.head
    if head is None:
        return []
    table = _two_sided(base, head, image.comparison) if base else _one_sided(head)
    worth = Worth.LAYERS_OF_PASSING if image_facts.passes(image) else Worth.LAYERS
    return [Section("Layers", worth, (table,))]


def _two_sided(base: Image, head: Image, comparison: Comparison) -> Table:
    below = inherited_layers(base), inherited_layers(head)
    rows = [_inherited(*below)] if any(below) else []
    for match in comparison.layers:
        old = None if match.base_index is None else base.layers[match.base_index]
        new = None if match.head_index is None else head.layers[match.head_index]
        shown = new or old
        if shown and match.kind is not LayerClass.BASE_IMAGE:
            where, text = _named(shown)
            rows.append((where, text, (_CLASSES[match.kind],), *_amounts(old, new)))
    head_cells = ("where", "instruction", "layer", "before", "after", "change")
    return Table(head_cells, tuple(rows), frozenset({3, 4, 5}))


def _inherited(old: list[Layer], new: list[Layer]) -> tuple[Phrase, ...]:
    same = [layer.diff_id for layer in old] == [layer.diff_id for layer in new]
    number = count(len(new), "layer")
    changed = number if len(old) == len(new) else f"{len(old)} → {number}"
    kind = LayerClass.SAME if same else LayerClass.CHANGED
    amounts = (sum(layer.unpacked_bytes for layer in side) for side in (old, new))
    return (("base image",), (changed,), (_CLASSES[kind],), *_sizes(*amounts))


def _amounts(old: Layer | None, new: Layer | None) -> tuple[Phrase, ...]:
    before, after, change = _sizes(
        old.unpacked_bytes if old else 0, new.unpacked_bytes if new else 0
    )
    return before if old else ("—",), after if new else ("—",), change


def _sizes(before: int, after: int) -> tuple[Phrase, Phrase, Phrase]:
    return (show_size(before),), (show_size(after),), (show_change(after - before),)


def _one_sided(image: Image) -> Table:
    rows = [
        (
            *_named(layer),
            (show_size(layer.unpacked_bytes),),
            (("" if image.compressed_exact else "≈") + show_size(layer.compressed_bytes),),
            (show_size(layer.wasted_bytes),),
        )
        for layer in image.layers
    ]
    head = ("where", "instruction", "unpacked", "compressed", "wasted")
    return Table(head, tuple(rows), frozenset({2, 3, 4}))


def _named(layer: Layer) -> tuple[Phrase, Phrase]:
    lines = layer.instruction
    place = image_facts.lines(lines.line_start, lines.line_end) if lines else ""
    place = "base image" if layer.from_base_image else place or f"layer {layer.index + 1}"
    text = lines.text if lines and not layer.from_base_image else normalise(layer.created_by)
    return (place,), (Foreign(text, 100),)
