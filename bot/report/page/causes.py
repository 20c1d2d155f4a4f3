"""The largest cause of an image's size or growth in one sentence: the lines, bytes and owners."""

from collections.abc import Sequence

from bot.image.build_history import normalise_created_by
from bot.model.changes import FileChangeKind, LayerEffectKind
from bot.model.comparison import Attribution, BaseOrHead, GrowthCause
from bot.model.files import DIRECTORY_KIND
from bot.model.image import Image, Layer
from bot.model.metric import Metric
from bot.model.report import ImageReport, ImageState
from bot.model.sizes import format_count, format_size
from bot.report.page import image_facts
from bot.report.page.hidden_bytes import describe_hidden_bytes
from bot.report.page.layer_notes import describe_layer_effects, is_explained_by_effect
from bot.report.page.own_bases import find_own_base
from bot.report.page.owner_names import explain_owners
from bot.report.page.page_model import Phrase, Untrusted, join_phrases
from bot.report.page.row_changes import (
    RowChange,
    get_total,
    is_most,
    list_covering,
    list_main_changes,
)

_MAX_INSTRUCTION = 80  # two lines and a half of a phone: the lines of the file are said before it


def find_main_cause(image: ImageReport, *, head_only: bool = False) -> Attribution | None:
    """Return the row with the largest share in the change, in the direction of the change."""
    rows = [change.row for change in list_main_changes(image)]
    rows = [row for row in rows if row.side is BaseOrHead.HEAD] if head_only else rows
    return rows[0] if rows else None


def explain_change(image: ImageReport) -> Phrase:
    """Explain in one sentence what changed the size."""
    changes = list_main_changes(image)
    if not changes:
        return _explain_no_change(image)
    cause = _explain_row_change(changes[0], image, _describe_counterpart(changes[0], image))
    return (*_contrast_metrics(image), *cause, *_describe_other_changes(changes, image))


def explain_row(row: Attribution, image: ImageReport) -> Phrase:
    """Say which lines changed the size by how much, and by which contents."""
    return _explain_row_change(RowChange(row, row.delta_bytes), image, ())


def describe_row(row: Attribution, image: ImageReport) -> Phrase:
    """Name the line of a row, or its base image, as the subject of a sentence."""
    lines, text = format_location(row), Untrusted(row.text, _MAX_INSTRUCTION)
    if own := find_own_base(image, row):
        path, reference = Untrusted(own.image.dockerfile, 120), Untrusted(own.reference, 120)
        return ("the base image ", path, ", taken as ", reference, ",")
    if has_base_drifted(row):
        return (
            "the base image ",
            _read_image_name(row.text),
            " was updated under the same tag and",
        )
    if row.cause is GrowthCause.BASE_IMAGE:
        return ("the new base image, ", text, *((f" ({lines})",) if lines else ()), ",")
    return (lines, ", ", text, ",") if lines else (text,)


def _explain_row_change(change: RowChange, image: ImageReport, counterpart: Phrase) -> Phrase:
    row = change.row
    effect = (*describe_row(row, image), *_describe_effect(change, image), *counterpart)
    if row.delta_bytes * change.bytes <= 0:  # its contents are those of the files on disk
        return effect
    effects = describe_layer_effects(row, image.comparison.head)
    owners = explain_owners(row, image.comparison.file_changes)
    if is_explained_by_effect(row):
        return (*effect, ": it ", *effects[0])
    return (*effect, *owners, *describe_hidden_bytes(image, row))


def _describe_counterpart(change: RowChange, image: ImageReport) -> Phrase:
    """Say what the other changes do where this one alone is larger than the whole."""
    rest = get_total(change, image) - change.bytes
    is_against = rest * change.bytes < 0
    if not is_against or format_size(change.bytes) == format_size(change.bytes + rest):
        return ()
    return (f", while the other changes {_name_verb(rest)} {format_size(abs(rest))}",)


def _describe_other_changes(changes: Sequence[RowChange], image: ImageReport) -> Phrase:
    """Say what else changed the size as the largest change did, if that is only a part of it."""
    rest = get_total(changes[0], image)
    covering = list_covering(changes, image) or changes[:1]
    if len(covering) == 1 and is_most(covering, image):
        return ()
    named: list[Phrase] = [
        (
            _locate_briefly(change.row),
            f" {_name_verb(change.bytes)}s {format_size(abs(change.bytes))}",
        )
        for change in covering[1:]
    ]
    rest -= sum(change.bytes for change in covering)
    if rest:
        others = _count_others(changes[len(covering) :], rest)
        named.append((f"{others} {format_size(abs(rest))}",))
    return ("; ", *join_phrases(named, ", ", " and ")) if named else ()


def _count_others(others: Sequence[RowChange], rest: int) -> str:
    """Return the subject and the verb for the changes that are not named."""
    if sum(change.bytes for change in others) != rest:
        return f"the other changes {_name_verb(rest)}"
    if len(others) == 1:
        return f"another change {_name_verb(rest)}s"
    return f"{len(others):,} other changes {_name_verb(rest)}"


def _locate_briefly(row: Attribution) -> str | Untrusted:
    if row.cause is GrowthCause.BASE_IMAGE:
        return "the base image"
    return format_location(row) or Untrusted(row.text, 40)


def _name_verb(size: int) -> str:
    return "add" if size > 0 else "save"


def _contrast_metrics(image: ImageReport) -> Phrase:
    """Say that the layers change in the other direction than the size that is shown."""
    delta, change = image.comparison.delta, image_facts.growth(image)
    if delta is None or change is None or change * delta.unpacked_bytes >= 0:
        return ()
    verb = "grew" if delta.unpacked_bytes > 0 else "shrank"
    size = format_size(abs(delta.unpacked_bytes))
    return (f"on disk it {verb} by {size}, so that its layers ", _find_contrast(image), ": ")


def _find_contrast(image: ImageReport) -> str:
    is_growth = (image_facts.growth(image) or 0) > 0
    if image_facts.find_metric(image) is Metric.FILESYSTEM:
        return "hide less" if is_growth else "hide more"
    return "compress worse" if is_growth else "compress better"


def explain_size(image: ImageReport) -> Phrase:
    """Explain in one sentence what the largest part of an image is."""
    measured = image_facts.head_or_base(image)
    if measured is None or not measured.layers:
        return ("it has no layers",)
    inherited = [layer for layer in measured.layers if layer.from_base_image]
    own = [layer for layer in measured.layers if not layer.from_base_image]
    heaviest = max(own, key=lambda layer: layer.unpacked_bytes, default=None)
    inherited_bytes = sum(layer.unpacked_bytes for layer in inherited)
    # Only another FROM makes the base image smaller, so it is named as a whole.
    if heaviest is None or inherited_bytes > heaviest.unpacked_bytes:
        total = format_size(measured.unpacked_bytes)
        return (
            f"its base image accounts for {format_size(inherited_bytes)} of its {total}",
            *_locate_base_image(inherited),
        )
    return (
        "its largest layer is ",
        *_describe_layer(heaviest),
        f", {_describe_share(heaviest, measured)}",
        *_name_main_package(heaviest),
    )


def format_location(row: Attribution) -> str:
    """Format the lines of a row; `line 7 of the old Dockerfile` for a removed instruction."""
    lines = image_facts.format_lines(row.line_start, row.line_end)
    return f"{lines} of the old Dockerfile" if lines and row.side is BaseOrHead.BASE else lines


def find_base_change(image: ImageReport) -> Attribution | None:
    """Return the row of a base image that changed; None if there is none."""
    rows = image.comparison.attribution
    return next((row for row in rows if row.cause is GrowthCause.BASE_IMAGE), None)


def has_base_drifted(row: Attribution) -> bool:
    """Return True if the base image differs though the Dockerfile names the same tag."""
    return any(note.kind is LayerEffectKind.DRIFTED for note in row.effects)


def _describe_effect(change: RowChange, image: ImageReport) -> Phrase:
    size = _format_change(change, image)
    if change.bytes > 0:
        return (f" adds {size}",)
    return (
        (f" was removed, which saves {size}",)
        if change.row.side is BaseOrHead.BASE
        else (f" saves {size}",)
    )


def _format_change(change: RowChange, image: ImageReport) -> str:
    """Format the bytes of a row; of another size than that on disk, both."""
    on_disk = format_size(abs(change.row.delta_bytes))
    if image_facts.find_metric(image) is Metric.UNPACKED:
        return on_disk
    if change.is_on_disk:
        return f"{on_disk} on disk"
    size = image_facts.format_image_size(image, abs(change.bytes))
    return f"{size} ({on_disk} on disk)" if change.row.delta_bytes * change.bytes > 0 else size


def _read_image_name(text: str) -> Untrusted:
    """Return the image name in a `FROM` instruction."""
    words = [word for word in text.split()[1:] if not word.startswith("--")]
    return Untrusted(words[0] if words else text, 120)


def _explain_no_change(image: ImageReport) -> Phrase:
    rows = image.comparison.attribution
    rebuilt = sum(row.cause is GrowthCause.REBUILT for row in rows)
    if image.state is ImageState.UNCHANGED or not rows:
        return ("both images have the same layers",)
    if rebuilt == len(rows):
        return (f"{format_count(rebuilt, 'layer')} rebuilt with the same content",)
    if any(row.delta_bytes for row in rows):
        return ("additions and savings cancel out",)
    return _explain_moved_files(image) or ("the rebuilt layers are as large as before",)


def _explain_moved_files(image: ImageReport) -> Phrase:
    """Describe files that moved within an image that did not grow: none is stored twice."""
    changes = image.comparison.file_changes
    moved = changes.tallies.get(FileChangeKind.MOVED) if changes else None
    if not moved or not moved.files:
        return ()
    verb = "was" if moved.files == 1 else "were"
    size = format_size(moved.bytes)
    return (f"{format_count(moved.files, 'file')} ({size}) {verb} moved; nothing is stored twice",)


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
    instruction = layer.instruction
    if instruction is None:
        return (Untrusted(normalise_created_by(layer.created_by), 120),)
    lines = image_facts.format_lines(instruction.line_start, instruction.line_end)
    return (f"{lines}, ", Untrusted(instruction.text, 120))


def _name_main_package(layer: Layer) -> Phrase:
    """Name the package that is half of a layer or more; empty if there is none."""
    packages = [part for part in layer.largest_owners if part.kind != DIRECTORY_KIND]
    largest = max(packages, key=lambda part: part.bytes, default=None)
    if largest is None or 2 * largest.bytes < layer.unpacked_bytes:
        return ()
    return ("; of it ", Untrusted(largest.name, 80), f" {format_size(largest.bytes)}")


def _describe_share(layer: Layer, measured: Image) -> str:
    return f"with {format_size(layer.unpacked_bytes)} of {format_size(measured.unpacked_bytes)}"
