"""Why an image weighs what it weighs: the largest cause, where it stands, and whose bytes they are."""

from collections.abc import Sequence

from bot.image.build_history import normalise_created_by
from bot.model.changes import FileChangeKind, LayerEffectKind
from bot.model.comparison import Attribution, GrowthCause
from bot.model.image import Image, Layer, Metric
from bot.model.report import ImageReport, ImageState
from bot.model.sizes import format_size
from bot.report.page import image_facts
from bot.report.page.layer_notes import describe_layer_effects, is_explained_by_effect
from bot.report.page.owner_names import explain_owners
from bot.report.page.page_model import Phrase, Untrusted, format_count


def find_main_cause(image: ImageReport, *, head_only: bool = False) -> Attribution | None:
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
    row = find_main_cause(image)
    if row is None:
        return _explain_no_change(image)
    other = image.spec.budget.metric is not Metric.UNPACKED
    said = describe_layer_effects(row, image.comparison.head)
    parts = (": it ", *said[0]) if is_explained_by_effect(row) else explain_owners(row)
    return (*_describe_row(row), *_describe_effect(row, " unpacked" if other else ""), *parts)


def explain_size(image: ImageReport) -> Phrase:
    """One sentence on the heaviest part of an image."""
    measured = image_facts.head_or_base(image)
    if measured is None or not measured.layers:
        return ("it has no layers",)
    inherited = [layer for layer in measured.layers if layer.from_base_image]
    own = [layer for layer in measured.layers if not layer.from_base_image]
    heaviest = max(own, key=lambda layer: layer.unpacked_bytes, default=None)
    below = sum(layer.unpacked_bytes for layer in inherited)
    if heaviest is None or below > heaviest.unpacked_bytes:
        of = format_size(measured.unpacked_bytes)
        return (
            f"its base image brings {format_size(below)} of its {of}",
            *_locate_base_image(inherited),
        )
    return (
        "its heaviest layer is ",
        *_describe_layer(heaviest),
        f", {_describe_share(heaviest, measured)}",
    )


def format_location(row: Attribution) -> str:
    """`line 7`, or `line 7 of the base's Dockerfile` for an instruction that head has lost."""
    place = image_facts.format_lines(row.line_start, row.line_end)
    return f"{place} of the base's Dockerfile" if place and row.side == "base" else place


def has_base_drifted(row: Attribution) -> bool:
    """Whether the base image is another though the Dockerfile names the same one."""
    return any(note.kind is LayerEffectKind.DRIFTED for note in row.effects)


def _describe_row(row: Attribution) -> Phrase:
    place, text = format_location(row), Untrusted(row.text, 120)
    if has_base_drifted(row):
        return ("the base image moved: ", _read_image_name(row.text), " was rebuilt and")
    if row.cause is GrowthCause.BASE_IMAGE:
        return ("another base image, ", text, *((f" ({place})",) if place else ()), ",")
    return (place, ", ", text, ",") if place else (text, ",")


def _describe_effect(row: Attribution, unit: str) -> Phrase:
    size = format_size(abs(row.delta_bytes)) + unit
    if row.delta_bytes > 0:
        return (f" adds {size}",)
    return (f" is gone, and {size} with it",) if row.side == "base" else (f" saves {size}",)


def _read_image_name(text: str) -> Untrusted:
    """The image that a `FROM` names."""
    words = [word for word in text.split()[1:] if not word.startswith("--")]
    return Untrusted(words[0] if words else text, 120)


def _explain_no_change(image: ImageReport) -> Phrase:
    rows = image.comparison.attribution
    rebuilt = sum(row.cause is GrowthCause.REBUILT for row in rows)
    if image.state is ImageState.UNCHANGED or not rows:
        return ("both sides have the same layers",)
    if rebuilt == len(rows):
        return (f"{format_count(rebuilt, 'layer')} rebuilt with the same content",)
    if any(row.delta_bytes for row in rows):
        return ("what was added and what was saved cancel out",)
    return _explain_moved_files(image) or ("what was built anew is as large as before",)


def _explain_moved_files(image: ImageReport) -> Phrase:
    """Files that are elsewhere now; where nothing grew, none of them is shipped twice."""
    changes = image.comparison.file_changes
    moved = changes.tallies.get(FileChangeKind.MOVED) if changes else None
    if not moved or not moved.files:
        return ()
    was = "was" if moved.files == 1 else "were"
    size = format_size(moved.bytes)
    return (
        f"{format_count(moved.files, 'file')} ({size}) {was} moved, and nothing is shipped twice",
    )


def _locate_base_image(inherited: Sequence[Layer]) -> Phrase:
    source = next((layer.instruction for layer in inherited if layer.instruction), None)
    if source is None:
        return ()
    return (
        " (",
        Untrusted(source.text, 120),
        f", {image_facts.format_lines(source.line_start, source.line_end)})",
    )


def _describe_layer(layer: Layer) -> Phrase:
    lines = layer.instruction
    if lines is None:
        return (Untrusted(normalise_created_by(layer.created_by), 120),)
    place = image_facts.format_lines(lines.line_start, lines.line_end)
    return (f"{place}, ", Untrusted(lines.text, 120))


def _describe_share(layer: Layer, measured: Image) -> str:
    return f"with {format_size(layer.unpacked_bytes)} of {format_size(measured.unpacked_bytes)}"
