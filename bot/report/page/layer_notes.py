"""The effects of a line on lower layers, in words: copies, moves, removals, replacements."""

import re

from bot.model.changes import LayerEffect, LayerEffectKind
from bot.model.comparison import Attribution
from bot.model.image import Image
from bot.model.sizes import format_count, format_size
from bot.report.page import image_facts
from bot.report.page.page_model import Phrase

_MAX_EFFECTS = 3
# A build that writes the same content again copies it too, and did not mean to change its owner.
CHANGES_OWNER_OR_MODE = re.compile(r"\bch(?:own|grp|mod)\b")
_MIN_SHARE_DIVISOR = 20  # effects below a twentieth of the row's change are noise


def describe_layer_effects(row: Attribution, head: Image | None) -> list[Phrase]:
    """Describe the effects of a row that are large enough to mention, the largest first."""
    effects = [
        effect
        for effect in row.effects
        if effect.bytes and effect.bytes * _MIN_SHARE_DIVISOR >= abs(row.delta_bytes)
    ]
    return [(_describe_effect(effect, row, head),) for effect in effects[:_MAX_EFFECTS]]


def is_explained_by_effect(row: Attribution) -> bool:
    """Return True if the largest effect accounts for half or more of what the row adds.

    What it does beyond that was made up for by something else, which would be missing.
    """
    if not row.effects or row.delta_bytes <= 0:
        return False
    effect = row.effects[0]
    is_adding = effect.kind in (LayerEffectKind.COPIED, LayerEffectKind.MOVED)
    return is_adding and effect.bytes <= row.delta_bytes <= 2 * effect.bytes


def locate_layer(image: Image | None, index: int) -> str:
    """Name the origin of a layer: `line 4`, `the base image`, or `layer 3`."""
    layer = image.layers[index] if image and index < len(image.layers) else None
    if layer and layer.from_base_image:
        return "the base image"
    if layer is None or layer.instruction is None:
        return f"layer {index + 1}"
    return image_facts.format_lines(layer.instruction.line_start, layer.instruction.line_end)


def _describe_effect(effect: LayerEffect, row: Attribution, head: Image | None) -> str:
    size, origin = format_size(effect.bytes), locate_layer(head, effect.affected_layer or 0)
    match effect.kind:
        case LayerEffectKind.COPIED if CHANGES_OWNER_OR_MODE.search(row.text):
            return f"copies {size} of {origin} again only to change owner or mode"
        case LayerEffectKind.COPIED:
            return f"stores {size} of {origin} again with the same content"
        case LayerEffectKind.MOVED:
            files = format_count(effect.files, "file")
            return f"moves {files} of {origin}: {size} stored twice"
        case LayerEffectKind.REMOVED:
            return f"removes {size} of {origin}, still in the image"
    return f"replaces {size} of {origin}, still in the image"
