"""What a line does to the bytes of others, in words."""

import re

from bot.model.changes import LayerEffect, LayerEffectKind
from bot.model.comparison import Attribution
from bot.model.image import Image
from bot.model.sizes import format_size
from bot.report.page import image_facts
from bot.report.page.page_model import Phrase, format_count

_MAX_EFFECTS = 3
_CHANGES_OWNER_OR_MODE = re.compile(r"\bch(?:own|grp|mod)\b")
_MIN_SHARE_DIVISOR = 20  # a twentieth of what the row moves is worth a word


def describe_layer_effects(row: Attribution, head: Image | None) -> list[Phrase]:
    """The notes on a row that are worth a word, the weightiest first."""
    told = [
        note
        for note in row.effects
        if note.bytes and note.bytes * _MIN_SHARE_DIVISOR >= abs(row.delta_bytes)
    ]
    return [(_describe_effect(note, row, head),) for note in told[:_MAX_EFFECTS]]


def is_explained_by_effect(row: Attribution) -> bool:
    """Whether the first note accounts for most of what the row adds."""
    adding = (LayerEffectKind.COPIED, LayerEffectKind.MOVED)
    return any(
        note.kind in adding and 0 < row.delta_bytes <= 2 * note.bytes for note in row.effects[:1]
    )


def locate_layer(image: Image | None, index: int) -> str:
    """Where a layer comes from: `line 4`, `the base image`, or its number."""
    layer = image.layers[index] if image and index < len(image.layers) else None
    if layer and layer.from_base_image:
        return "the base image"
    lines = layer.instruction if layer else None
    return (
        image_facts.format_lines(lines.line_start, lines.line_end)
        if lines
        else f"layer {index + 1}"
    )


def _describe_effect(effect: LayerEffect, row: Attribution, head: Image | None) -> str:
    size, whose = format_size(effect.bytes), locate_layer(head, effect.affected_layer or 0)
    match effect.kind:
        case LayerEffectKind.COPIED if _CHANGES_OWNER_OR_MODE.search(row.text):
            return f"copies {size} of {whose} again, only to change owner or mode"
        case LayerEffectKind.COPIED:
            return f"ships {size} of {whose} again, with the same content"
        case LayerEffectKind.MOVED:
            return (
                f"moves {format_count(effect.files, 'file')} of {whose}: {size} are shipped twice"
            )
        case LayerEffectKind.REMOVED:
            return f"removes {size} of {whose}, which are shipped all the same"
    return f"replaces {size} of {whose}, which are shipped all the same"
