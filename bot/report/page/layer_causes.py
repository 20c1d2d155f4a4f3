"""The cause of an exceeded limit on waste or layers, and the lines to look at."""

from bot.model.changes import WasteGroup
from bot.model.files import WasteCause
from bot.model.image import Image, Layer
from bot.model.report import MAX_WASTE, Check, ImageReport
from bot.model.sizes import format_count, format_limit, format_size
from bot.report.page import image_facts
from bot.report.page.layer_notes import locate_layer
from bot.report.page.limit_words import is_about_pull
from bot.report.page.page_model import Phrase, Untrusted

_HIDING_TEXT = {
    WasteCause.COPIED: "that {} stores again",
    WasteCause.REMOVED: "that {} removes",
    WasteCause.OVERWRITTEN: "that {} replaces",
}


def list_checks_of_no_size(image: ImageReport) -> list[Check]:
    """Return the limits that decide the verdict, if all are on layers or on downloads."""
    deciding = [] if image_facts.is_passing(image) else image_facts.deciding_checks(image)
    is_of_no_size = all(
        check.is_about_layers or (is_about_pull(check) and check.observed is not None)
        for check in deciding
    )
    return deciding if is_of_no_size else []


def list_layer_checks(image: ImageReport) -> list[Check]:
    """Return the limits on layers that decide the verdict, if no limit on a size does."""
    return [check for check in list_checks_of_no_size(image) if check.is_about_layers]


def describe_layer_excess(image: ImageReport) -> Phrase:
    """Describe what exceeds limits on layers, to follow the image's name; empty for other limits.

    Returns for example ` has 25.0 MB of waste (limit: 20 MB) and 12 layers (limit: 10)`.
    """
    texts = [_describe_excess(check) for check in list_layer_checks(image)]
    return (f" has {' and '.join(texts)}",) if texts else ()


def _describe_excess(check: Check) -> str:
    observed, limit = check.observed or 0, check.limit or 0
    if check.name == MAX_WASTE:
        return f"{format_size(observed)} of waste (limit: {format_limit(limit)})"
    return f"{format_count(observed, 'layer')} (limit: {limit})"


def explain_layer_excess(image: ImageReport) -> Phrase:
    """Name the layer that wastes most, or whose layers there are; empty for other limits."""
    checks, head = list_layer_checks(image), image.comparison.head
    if not checks or head is None:
        return ()
    layer = find_wasting_layer(image)
    if layer is not None:
        return (*name_layer(layer), *_describe_waste(head, layer))
    inherited = sum(layer.from_base_image for layer in head.layers)
    own = format_count(len(head.layers) - inherited, "layer")
    return (f"{own} of this Dockerfile, and {inherited} of its base image",)


def find_wasting_layer(image: ImageReport) -> Layer | None:
    """Return the layer of the Dockerfile that wastes most, if too much waste is what is wrong."""
    head = image.comparison.head
    if head is None or not any(check.name == MAX_WASTE for check in list_layer_checks(image)):
        return None
    own = [layer for layer in head.layers if layer.wasted_bytes and not layer.from_base_image]
    return max(own, key=lambda layer: layer.wasted_bytes, default=None)


def name_layer(layer: Layer) -> Phrase:
    """Name a layer by its lines and its instruction, with a comma behind."""
    instruction = layer.instruction
    if instruction is None:
        return (f"layer {layer.index + 1}, ", Untrusted(layer.created_by, 120), ",")
    lines = image_facts.format_lines(instruction.line_start, instruction.line_end)
    return (f"{lines}, ", Untrusted(instruction.text, 120), ",")


def _describe_waste(head: Image, layer: Layer) -> Phrase:
    size, largest = format_size(layer.wasted_bytes), find_largest_waste(head, layer)
    if largest is None:
        return (f" holds {size} that later layers hide",)
    is_all = largest.bytes == layer.wasted_bytes
    whole = f" holds {size} " if is_all else f" holds {size} of waste, most of it "
    return (whole, *_describe_group(head, largest))


def find_largest_waste(head: Image, layer: Layer) -> WasteGroup | None:
    """Return the largest part of what a layer wastes; None if its files are not known."""
    groups = (group for group in head.waste_groups if group.shipping_layer == layer.index)
    return max(groups, key=lambda group: group.bytes, default=None)


def _describe_group(head: Image, group: WasteGroup) -> Phrase:
    hiding = _HIDING_TEXT[group.cause].format(locate_layer(head, group.hiding_layer))
    return ("in ", Untrusted(group.path, 120), f" {hiding}")
