"""The collapsed sections about the files of an image: changes, waste and duplicates."""

from bot.model.changes import DuplicateGroup, FileChangeKind, FileChanges, FileGroup, WasteGroup
from bot.model.files import WasteCause
from bot.model.image import Image
from bot.model.report import ImageReport
from bot.model.sizes import format_change, format_size
from bot.report.page import image_facts
from bot.report.page.layer_notes import locate_layer
from bot.report.page.page_model import KeepPriority, Phrase, Section, Table, Untrusted, join_phrases

_MAX_ROWS = 12
_MAX_PATHS = 3
_SECTION_MIN_DIVISOR = 100  # a hundredth of the image
_WASTE_CAUSE_TEXT = {
    WasteCause.REMOVED: "removed",
    WasteCause.OVERWRITTEN: "overwritten",
    WasteCause.COPIED: "copied again",
}
_FILE_CHANGE_TEXT = {kind: kind.value for kind in FileChangeKind} | {
    FileChangeKind.UNLINKED: "no longer a hard link",
    FileChangeKind.LINKED: "now a hard link",
    FileChangeKind.REWRITTEN: "changed",
    FileChangeKind.PERMISSIONS: "with a new mode or owner",
}


def make_files_sections(image: ImageReport) -> list[Section]:
    """Build the sections that list files; empty for an image that was not measured."""
    measured, changes = image_facts.head_or_base(image), image.comparison.file_changes
    if measured is None:
        return []
    return [
        *(_make_changes_section(changes) if changes else []),
        *_make_wasted_section(measured),
        *_make_duplicates_section(measured),
    ]


def _make_changes_section(changes: FileChanges) -> list[Section]:
    tallies = [(kind, tally) for kind, tally in changes.tallies.items() if tally.files]
    if not tallies:
        return []
    title = ", ".join(f"{tally.files:,} {_FILE_CHANGE_TEXT[kind]}" for kind, tally in tallies)
    rows = tuple(_format_file_row(group) for group in changes.largest[:_MAX_ROWS])
    table = Table(("change", "path", "files", "size"), rows, frozenset({2, 3}))
    return [Section(f"Files: {title}", KeepPriority.FILES, (table,), collapsed=True)]


def _format_file_row(group: FileGroup) -> tuple[Phrase, ...]:
    source: Phrase = (Untrusted(group.source, 120), " → ") if group.source else ()
    size = (
        format_change(group.kind.sign * group.bytes)
        if group.kind.sign
        else format_size(group.bytes)
    )
    return (
        (_FILE_CHANGE_TEXT[group.kind],),
        (*source, Untrusted(group.path, 120)),
        (f"{group.files:,}",),
        (size,),
    )


def _make_wasted_section(image: Image) -> list[Section]:
    if not image.waste_groups or not _is_worth_section(image, image.wasted_bytes):
        return []
    rows = [_format_waste_row(image, group) for group in image.waste_groups[:_MAX_ROWS]]
    if rest := image.waste_groups[_MAX_ROWS:]:
        files, size = sum(group.files for group in rest), sum(group.bytes for group in rest)
        label: Phrase = (f"{len(rest):,} more",)
        rows.append((label, ("",), ("",), (f"{files:,}",), (format_size(size),)))
    table = Table(("added by", "then", "path", "files", "size"), tuple(rows), frozenset({3, 4}))
    title = f"Wasted: {format_size(image.wasted_bytes)} hidden by later layers"
    return [Section(title, KeepPriority.WASTED, (table,), collapsed=True)]


def _format_waste_row(image: Image, group: WasteGroup) -> tuple[Phrase, ...]:
    return (
        (locate_layer(image, group.shipping_layer),),
        (f"{_WASTE_CAUSE_TEXT[group.cause]} by {locate_layer(image, group.hiding_layer)}",),
        (Untrusted(group.path, 120),),
        (f"{group.files:,}",),
        (format_size(group.bytes),),
    )


def _make_duplicates_section(image: Image) -> list[Section]:
    duplicates = image.duplicates
    if duplicates is None or not duplicates.contents:
        return []
    if not _is_worth_section(image, duplicates.bytes):
        return []
    rows = tuple(_format_duplicate_row(image, group) for group in duplicates.largest[:_MAX_ROWS])
    table = Table(("paths", "from", "files", "copies", "extra"), rows, frozenset({2, 3, 4}))
    title = f"Duplicates: {format_size(duplicates.bytes)} stored more than once"
    return [Section(title, KeepPriority.DUPLICATES, (table,), collapsed=True)]


def _format_duplicate_row(image: Image, group: DuplicateGroup) -> tuple[Phrase, ...]:
    paths: list[Phrase] = [(Untrusted(path, 120),) for path in group.paths[:_MAX_PATHS]]
    if group.copies > len(paths):
        paths.append((f"{group.copies - len(paths):,} more",))
    lines = ", ".join(dict.fromkeys(locate_layer(image, layer) for layer in group.layers))
    return (
        join_phrases(paths, ", "),
        (lines or "—",),
        (f"{group.files:,}",),
        (f"{group.copies:,}",),
        (format_size(group.bytes),),
    )


def _is_worth_section(image: Image, size: int) -> bool:
    return size * _SECTION_MIN_DIVISOR >= image.unpacked_bytes
