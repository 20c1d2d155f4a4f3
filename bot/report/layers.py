"""The section that lists the layers."""

from bot.core.history import normalise
from bot.core.model import Image, ImageReport, Layer
from bot.core.pairing import pair_layers
from bot.core.sizes import show_change, show_size
from bot.report import facts
from bot.report.parts import Foreign, Phrase, Section, Table, Worth, count


def layers(image: ImageReport) -> list[Section]:
    """Both sides' layers in pairs, as the attribution pairs them; or those of the one side."""
    base, head = image.comparison.base, image.comparison.head
    if head is None:
        return []
    table = _two_sided(base, head) if base else _one_sided(head)
    worth = Worth.LAYERS_OF_PASSING if facts.passes(image) else Worth.LAYERS
    return [Section("Layers", worth, (table,))]


def _two_sided(base: Image, head: Image) -> Table:
    rows = [_inherited(_from_base(base), _from_base(head))]
    for old, new in pair_layers(_own(base), _own(head)):
        shown = new or old
        if shown:
            rows.append((*_named(shown, gone=new is None), *_amounts(old, new)))
    return Table(
        ("where", "instruction", "before", "after", "change"), tuple(rows), frozenset({2, 3, 4})
    )


def _inherited(old: list[Layer], new: list[Layer]) -> tuple[Phrase, ...]:
    before, after = (sum(layer.unpacked_bytes for layer in side) for side in (old, new))
    number = count(len(new), "layer")
    changed = number if len(old) == len(new) else f"{len(old)} → {number}"
    return (
        ("base image",),
        (changed,),
        (show_size(before),),
        (show_size(after),),
        (show_change(after - before),),
    )


def _amounts(old: Layer | None, new: Layer | None) -> tuple[Phrase, ...]:
    before, after = old.unpacked_bytes if old else 0, new.unpacked_bytes if new else 0
    if old and new and old.diff_id == new.diff_id:
        return (show_size(before),), (show_size(after),), ("same layer",)
    return (
        (show_size(before) if old else "—",),
        (show_size(after) if new else "—",),
        (show_change(after - before),),
    )


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


def _named(layer: Layer, *, gone: bool = False) -> tuple[Phrase, Phrase]:
    lines = layer.instruction
    place = facts.lines(lines.line_start, lines.line_end) if lines else ""
    place = "base image" if layer.from_base_image else place or "—"
    text = lines.text if lines and not layer.from_base_image else normalise(layer.created_by)
    return (place + (" (gone)" if gone else ""),), (Foreign(text, 100),)


def _from_base(image: Image) -> list[Layer]:
    return [layer for layer in image.layers if layer.from_base_image]


def _own(image: Image) -> list[Layer]:
    return [layer for layer in image.layers if not layer.from_base_image]
