"""The bytes that a line adds and a later one hides: they stay in the image."""

from dataclasses import dataclass

from bot.model.changes import WasteGroup
from bot.model.comparison import Attribution, BaseOrHead, GrowthCause
from bot.model.files import WasteCause
from bot.model.image import Layer
from bot.model.report import ImageReport
from bot.model.sizes import format_size
from bot.report.page import image_facts
from bot.report.page.layer_notes import locate_layer
from bot.report.page.page_model import Phrase

_MIN_SHARE_DIVISOR = 5  # less than a fifth of what the line adds is not worth a word
_VERBS = {WasteCause.REMOVED: "removes", WasteCause.OVERWRITTEN: "replaces"}


@dataclass(frozen=True)
class HiddenBytes:
    """A part of what a line adds, and the later layer that removes or replaces it."""

    group: WasteGroup
    bytes: int
    verb: str


def find_hidden_bytes(image: ImageReport, row: Attribution) -> HiddenBytes | None:
    """Return the largest part of a growth that a later line hides; None without one."""
    head, layer = image.comparison.head, _find_layer(image, row)
    if head is None or layer is None or row.delta_bytes <= 0 or _had_waste(image, layer):
        return None
    groups = [group for group in head.waste_groups if group.shipping_layer == layer.index]
    groups = [x for x in groups if x.cause in _VERBS and x.hiding_layer > layer.index]
    largest = max(groups, key=lambda group: group.bytes, default=None)
    if largest is None or largest.bytes > row.delta_bytes:
        return None
    if largest.bytes * _MIN_SHARE_DIVISOR < row.delta_bytes:
        return None
    return HiddenBytes(largest, largest.bytes, _VERBS[largest.cause])


def describe_hidden_bytes(image: ImageReport, row: Attribution) -> Phrase:
    """Say which later line hides a part of what a line adds."""
    hidden = find_hidden_bytes(image, row)
    if hidden is None:
        return ()
    later = locate_layer(image.comparison.head, hidden.group.hiding_layer)
    return (f"; {later} {hidden.verb} {format_size(hidden.bytes)} of it, still in the image",)


def _find_layer(image: ImageReport, row: Attribution) -> Layer | None:
    """Return the only layer of a row's line."""
    if row.cause is GrowthCause.BASE_IMAGE or row.side is BaseOrHead.BASE:
        return None
    layers = image_facts.list_line_layers(image.comparison.head, row)
    return layers[0] if len(layers) == 1 else None


def _had_waste(image: ImageReport, layer: Layer) -> bool:
    """Return True if the layer of base that a layer replaced was hidden in part as well."""
    base = image.comparison.base
    for match in image.comparison.layer_matches:
        if base and match.head_index == layer.index and match.base_index is not None:
            return base.layers[match.base_index].wasted_bytes > 0
    return False
