"""Why an image weighs what it weighs: the largest cause, where it stands, and whose bytes they are."""

from collections.abc import Sequence

from bot.image.build_history import normalise
from bot.model.changes import FileClass, Remark
from bot.model.comparison import Attribution, Cause
from bot.model.image import Image, Layer, Metric
from bot.model.report import ImageReport, State
from bot.model.sizes import show_size
from bot.report.page import image_facts
from bot.report.page.layer_notes import explains, remarks
from bot.report.page.owner_names import explain_owners
from bot.report.page.page_model import Foreign, Phrase, count


def main_cause(image: ImageReport, *, head_only: bool = False) -> Attribution | None:
    """The row that moved the size most in the direction in which it moved."""
    delta = image.comparison.delta
    if delta is None or delta.unpacked_bytes == 0:
        return None
    sign = 1 if delta.unpacked_bytes > 0 else -1
    rows = [row for row in image.comparison.attribution if row.delta_bytes * sign > 0]
    rows = [row for row in rows if row.side == "head"] if head_only else rows
    return max(rows, key=lambda row: abs(row.delta_bytes), default=None)


def explain_change(image: ImageReport) -> Phrase:
    """One sentence on what moved the size; empty for an image of one side."""
    row = main_cause(image)
    if row is None:
        return _no_change(image)
    other = image.spec.budget.metric is not Metric.UNPACKED
    said = remarks(row, image.comparison.head)
    parts = (": it ", *said[0]) if explains(row) else explain_owners(row)
    return (*_place(row), *_effect(row, " unpacked" if other else ""), *parts)


def explain_size(image: ImageReport) -> Phrase:
    """One sentence on the heaviest part of an image."""
    measured = image_facts.standing(image)
    if measured is None or not measured.layers:
        return ("it has no layers",)
    inherited = [layer for layer in measured.layers if layer.from_base_image]
    own = [layer for layer in measured.layers if not layer.from_base_image]
    heaviest = max(own, key=lambda layer: layer.unpacked_bytes, default=None)
    below = sum(layer.unpacked_bytes for layer in inherited)
    if heaviest is None or below > heaviest.unpacked_bytes:
        of = show_size(measured.unpacked_bytes)
        return (f"its base image brings {show_size(below)} of its {of}", *_origin(inherited))
    return ("its heaviest layer is ", *_layer(heaviest), f", {_share(heaviest, measured)}")


def where(row: Attribution) -> str:
    """`line 7`, or `line 7 of the base's Dockerfile` for an instruction that head has lost."""
    place = image_facts.lines(row.line_start, row.line_end)
    return f"{place} of the base's Dockerfile" if place and row.side == "base" else place


def drifted(row: Attribution) -> bool:
    """Whether the base image is another though the Dockerfile names the same one."""
    return any(note.remark is Remark.DRIFTED for note in row.notes)


def _place(row: Attribution) -> Phrase:
    place, text = where(row), Foreign(row.text, 120)
    if drifted(row):
        return ("the base image moved: ", _image_name(row.text), " was rebuilt and")
    if row.cause is Cause.BASE_IMAGE:
        return ("another base image, ", text, *((f" ({place})",) if place else ()), ",")
    return (place, ", ", text, ",") if place else (text, ",")


def _effect(row: Attribution, unit: str) -> Phrase:
    size = show_size(abs(row.delta_bytes)) + unit
    if row.delta_bytes > 0:
        return (f" adds {size}",)
    return (f" is gone, and {size} with it",) if row.side == "base" else (f" saves {size}",)


def _image_name(text: str) -> Foreign:
    """The image that a `FROM` names."""
    words = [word for word in text.split()[1:] if not word.startswith("--")]
    return Foreign(words[0] if words else text, 120)


def _no_change(image: ImageReport) -> Phrase:
    rows = image.comparison.attribution
    rebuilt = sum(row.cause is Cause.REBUILT for row in rows)
    if image.state is State.UNCHANGED or not rows:
        return ("both sides have the same layers",)
    if rebuilt == len(rows):
        return (f"{count(rebuilt, 'layer')} rebuilt with the same content",)
    if any(row.delta_bytes for row in rows):
        return ("what was added and what was saved cancel out",)
    return _moved(image) or ("what was built anew is as large as before",)


def _moved(image: ImageReport) -> Phrase:
    """Files that are elsewhere now; where nothing grew, none of them is shipped twice."""
    changes = image.comparison.files
    moved = changes.tallies.get(FileClass.MOVED) if changes else None
    if not moved or not moved.files:
        return ()
    was = "was" if moved.files == 1 else "were"
    size = show_size(moved.bytes)
    return (f"{count(moved.files, 'file')} ({size}) {was} moved, and nothing is shipped twice",)


def _origin(inherited: Sequence[Layer]) -> Phrase:
    source = next((layer.instruction for layer in inherited if layer.instruction), None)
    if source is None:
        return ()
    return (
        " (",
        Foreign(source.text, 120),
        f", {image_facts.lines(source.line_start, source.line_end)})",
    )


def _layer(layer: Layer) -> Phrase:
    lines = layer.instruction
    if lines is None:
        return (Foreign(normalise(layer.created_by), 120),)
    place = image_facts.lines(lines.line_start, lines.line_end)
    return (f"{place}, ", Foreign(lines.text, 120))


def _share(layer: Layer, measured: Image) -> str:
    return f"with {show_size(layer.unpacked_bytes)} of {show_size(measured.unpacked_bytes)}"
