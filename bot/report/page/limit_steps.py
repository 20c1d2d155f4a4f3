"""The third line for an image over a limit that no saving of bytes is sure to meet.

Those are the limits on waste, on the number of layers, and on the download of an update.
"""

from bot.model.files import WasteCause
from bot.model.image import Layer
from bot.model.report import ImageReport, Mode, Report
from bot.model.suggestion import Suggestion
from bot.report.page import image_facts
from bot.report.page.layer_causes import (
    find_largest_waste,
    find_wasting_layer,
    list_checks_of_no_size,
)
from bot.report.page.line_order import suggest_order
from bot.report.page.page_model import Phrase, Untrusted
from bot.report.page.pull_causes import list_pull_checks

_WASTE_FIX_TEXT = {
    WasteCause.REMOVED: "remove files in the instruction that creates them",
    WasteCause.OVERWRITTEN: "write files once, in their last form",
    WasteCause.COPIED: "set owner and mode in the instruction that creates the files",
}
_FEWER_LAYERS_TEXT = "use fewer instructions that write files"


def is_met_by_no_saving(image: ImageReport) -> bool:
    """Return True if only limits of this kind decide the verdict."""
    return bool(list_checks_of_no_size(image))


def list_fitting_suggestions(image: ImageReport) -> list[Suggestion]:
    """Return the suggestions at the lines that waste, or that hide what is wasted."""
    layer, head = find_wasting_layer(image), image.comparison.head
    if layer is None or head is None:
        return []
    groups = [group for group in head.waste_groups if group.shipping_layer == layer.index]
    hiding = {group.hiding_layer for group in groups}
    layers = [layer, *(other for other in head.layers if other.index in hiding)]
    lines = {
        line
        for source in (layer.instruction for layer in layers)
        if source is not None
        for line in range(source.line_start, source.line_end + 1)
    }
    return [x for x in image.suggestions if x.line_start in lines or x.line_end in lines]


def suggest_for_limit(report: Report, image: ImageReport) -> Phrase:
    """Say what to change in the Dockerfile."""
    if list_pull_checks(image):
        return suggest_order(image)
    return _suggest_dockerfile(report, image) or _suggest_fewer_bytes(image)


def _suggest_dockerfile(report: Report, image: ImageReport) -> Phrase:
    """Ask for the Dockerfile of an existing image, if the waste of its base image counts, too."""
    head, layer = image.comparison.head, find_wasting_layer(image)
    is_of_existing = report.mode in (Mode.MEASURE, Mode.DIFF)
    if not is_of_existing or layer is None or head is None or head.own_bytes is not None:
        return ()
    option = "--dockerfile" if report.head is None else "dockerfile"
    names: Phrase = ("name the Dockerfile that it was built from with ", Untrusted(option))
    return (*names, ", so that the waste of its base image does not count")


def _suggest_fewer_bytes(image: ImageReport) -> Phrase:
    layer, head = find_wasting_layer(image), image.comparison.head
    if layer is None or head is None:
        return (_FEWER_LAYERS_TEXT,)
    waste, lines = find_largest_waste(head, layer), _format_lines(layer)
    step = _WASTE_FIX_TEXT[waste.cause if waste else WasteCause.REMOVED]
    return (f"{step}: {lines} of ", _name_file(image)) if lines else (step,)


def _format_lines(layer: Layer) -> str:
    source = layer.instruction
    return image_facts.format_lines(source.line_start, source.line_end) if source else ""


def _name_file(image: ImageReport) -> Untrusted:
    return Untrusted(image.spec.dockerfile or "the Dockerfile", 120)
