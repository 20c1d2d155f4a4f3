"""The section that lists the layers."""

from dataclasses import replace

from bot.compare.layer_pairs import base_image_layers
from bot.image.build_history import normalise_created_by
from bot.model.changes import LayerChangeKind
from bot.model.comparison import Comparison, Owner
from bot.model.image import Image, Layer
from bot.model.report import ImageReport
from bot.model.sizes import format_change, format_count, format_size
from bot.report.page import image_facts
from bot.report.page.owner_names import describe_owner
from bot.report.page.page_model import (
    Block,
    KeepPriority,
    Line,
    Phrase,
    Section,
    Table,
    Untrusted,
    join_phrases,
)
from bot.report.page.small_sizes import is_small

LAYERS_TITLE = "Layers"
_MAX_OWNERS = 3
_LAYER_CHANGE_TEXT = {kind: kind.value for kind in LayerChangeKind} | {
    LayerChangeKind.REBUILT: "rebuilt, same content",
}


def make_layers_section(image: ImageReport) -> list[Section]:
    """List the layers of both sides in pairs, or those of head where base has none."""
    base, head = image.comparison.base, image.comparison.head
    if head is None:
        return []
    table = (
        _make_comparison_table(base, head, image.comparison) if base else _make_single_table(head)
    )
    passing = image_facts.is_passing(image)
    priority = KeepPriority.LAYERS_OF_PASSING if passing else KeepPriority.LAYERS
    return [Section(LAYERS_TITLE, priority, (table,))]


def make_short_layers(image: ImageReport) -> list[Section]:
    """List the large layers of an image that is not compared, and count the small ones."""
    head = image.comparison.head
    if head is None:
        return []
    large = [x for x in head.layers if not is_small(x.unpacked_bytes, head.unpacked_bytes)]
    rest = [x for x in head.layers if x not in large]
    blocks: list[Block] = [_make_single_table(replace(head, layers=tuple(large)))] if large else []
    if rest:
        size = format_size(_sum_bytes(rest))
        blocks.append(Line((f"{format_count(len(rest), 'smaller layer')}: {size}.",)))
    return [Section(LAYERS_TITLE, KeepPriority.LAYERS, tuple(blocks))] if blocks else []


def _make_comparison_table(base: Image, head: Image, comparison: Comparison) -> Table:
    inherited = base_image_layers(base), base_image_layers(head)
    rows = [_format_base_row(*inherited)] if any(inherited) else []
    bars = [_sum_bytes(inherited[1]) - _sum_bytes(inherited[0])] if rows else []
    for match in comparison.layer_matches:
        old = None if match.base_index is None else base.layers[match.base_index]
        new = None if match.head_index is None else head.layers[match.head_index]
        layer = new or old
        if layer and match.kind is not LayerChangeKind.BASE_IMAGE:
            change: Phrase = (_LAYER_CHANGE_TEXT[match.kind],)
            rows.append((*_describe_layer(layer), change, *_format_layer_sizes(old, new)))
            bars.append(_sum_bytes([new] if new else []) - _sum_bytes([old] if old else []))
    headers = ("where", "instruction", "layer", "before", "after", "change")
    return Table(headers, tuple(rows), frozenset({3, 4, 5}), tuple(bars))


def _format_base_row(old: list[Layer], new: list[Layer]) -> tuple[Phrase, ...]:
    same = [layer.diff_id for layer in old] == [layer.diff_id for layer in new]
    number = format_count(len(new), "layer")
    changed = number if len(old) == len(new) else f"{len(old)} → {number}"
    kind = LayerChangeKind.SAME if same else LayerChangeKind.CHANGED
    amounts = _format_sizes(_sum_bytes(old), _sum_bytes(new))
    return (("base image",), (changed,), (_LAYER_CHANGE_TEXT[kind],), *amounts)


def _sum_bytes(layers: list[Layer]) -> int:
    return sum(layer.unpacked_bytes for layer in layers)


def _format_layer_sizes(old: Layer | None, new: Layer | None) -> tuple[Phrase, ...]:
    before, after, change = _format_sizes(
        old.unpacked_bytes if old else 0, new.unpacked_bytes if new else 0
    )
    return before if old else ("—",), after if new else ("—",), change


def _format_sizes(before: int, after: int) -> tuple[Phrase, Phrase, Phrase]:
    return (format_size(before),), (format_size(after),), (format_change(after - before),)


def _make_single_table(image: Image) -> Table:
    has_owners = any(layer.largest_owners for layer in image.layers)
    rows = [
        (
            *_describe_layer(layer),
            (format_size(layer.unpacked_bytes),),
            (("" if image.compressed_exact else "≈") + format_size(layer.compressed_bytes),),
            (format_size(layer.wasted_bytes),),
            *([_describe_contents(layer)] if has_owners else []),
        )
        for layer in image.layers
    ]
    contents = ("contains",) if has_owners else ()
    headers = ("where", "instruction", "on disk", "compressed", "wasted", *contents)
    bars = tuple(layer.unpacked_bytes for layer in image.layers)
    return Table(headers, tuple(rows), frozenset({2, 3, 4}), bars)


def _describe_contents(layer: Layer) -> Phrase:
    """Name the largest packages and directories, and the bytes of all others."""
    shown = layer.largest_owners[:_MAX_OWNERS]
    parts: list[Phrase] = [
        (
            *describe_owner(Owner(part.kind, part.name, part.bytes, head_version=part.version)),
            f" {format_size(part.bytes)}",
        )
        for part in shown
    ]
    rest = layer.unpacked_bytes - sum(part.bytes for part in shown)
    if parts and rest:
        parts.append((f"others {format_size(rest)}",))
    return join_phrases(parts, ", ") or ("—",)


def _describe_layer(layer: Layer) -> tuple[Phrase, Phrase]:
    """Return the cells "where" and "instruction"."""
    created_by = Untrusted(normalise_created_by(layer.created_by), 100)
    if layer.from_base_image:
        return ("base image",), (created_by,)
    instruction = layer.instruction
    if instruction is None:
        return (f"layer {layer.index + 1}",), (created_by,)
    lines = image_facts.format_lines(instruction.line_start, instruction.line_end)
    return (lines,), (Untrusted(instruction.text, 100),)
