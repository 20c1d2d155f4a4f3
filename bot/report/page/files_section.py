"""The folded sections on what lies in an image: files that changed, waste, duplicates."""

from bot.model.changes import DuplicateGroup, FileChanges, FileClass, FileGroup, WasteGroup
from bot.model.files import Hidden
from bot.model.image import Image
from bot.model.report import ImageReport
from bot.model.sizes import show_change, show_size
from bot.report.page import image_facts
from bot.report.page.layer_notes import origin
from bot.report.page.page_model import Foreign, Phrase, Section, Table, Worth, join

_ROWS = 12
_PATHS = 3
_WORTH_A_SECTION = 100  # a hundredth of the image
_HOW = {
    Hidden.REMOVED: "removed",
    Hidden.OVERWRITTEN: "overwritten",
    Hidden.COPIED: "copied again",
}
_FATES = {kind: kind.value for kind in FileClass} | {
    FileClass.UNLINKED: "no longer a hard link",
    FileClass.LINKED: "now a hard link",
    FileClass.REWRITTEN: "of other content",
    FileClass.PERMISSIONS: "of another mode or owner",
}


def contents(image: ImageReport) -> list[Section]:
    """What there is to unfold for those who want to see the files."""
    measured, changes = image_facts.standing(image), image.comparison.files
    if measured is None:
        return []
    return [*(_files(changes) if changes else []), *_wasted(measured), *_duplicates(measured)]


def _files(changes: FileChanges) -> list[Section]:
    told = [(kind, tally) for kind, tally in changes.tallies.items() if tally.files]
    if not told:
        return []
    title = ", ".join(f"{tally.files:,} {_FATES[kind]}" for kind, tally in told)
    rows = tuple(_file(group) for group in changes.largest[:_ROWS])
    table = Table(("what", "where", "files", "bytes"), rows, frozenset({2, 3}))
    return [Section(f"Files: {title}", Worth.FILES, (table,), folded=True)]


def _file(group: FileGroup) -> tuple[Phrase, ...]:
    way: Phrase = (Foreign(group.source, 120), " → ") if group.source else ()
    size = show_change(group.kind.sign * group.bytes) if group.kind.sign else show_size(group.bytes)
    return (
        (_FATES[group.kind],),
        (*way, Foreign(group.path, 120)),
        (f"{group.files:,}",),
        (size,),
    )


def _wasted(image: Image) -> list[Section]:
    if not image.wasted or not _is_worth_it(image, image.wasted_bytes):
        return []
    rows = [_waste(image, group) for group in image.wasted[:_ROWS]]
    if rest := image.wasted[_ROWS:]:
        left = sum(group.bytes for group in rest), sum(group.files for group in rest)
        more: Phrase = (f"{len(rest):,} more",)
        rows.append((more, ("",), ("",), (f"{left[1]:,}",), (show_size(left[0]),)))
    table = Table(("written by", "then", "where", "files", "bytes"), tuple(rows), frozenset({3, 4}))
    title = f"Wasted: {show_size(image.wasted_bytes)} shipped and never seen"
    return [Section(title, Worth.WASTED, (table,), folded=True)]


def _waste(image: Image, group: WasteGroup) -> tuple[Phrase, ...]:
    return (
        (origin(image, group.written),),
        (f"{_HOW[group.how]} by {origin(image, group.hidden)}",),
        (Foreign(group.path, 120),),
        (f"{group.files:,}",),
        (show_size(group.bytes),),
    )


def _duplicates(image: Image) -> list[Section]:
    found = image.duplicates
    if found is None or not found.contents or not _is_worth_it(image, found.bytes):
        return []
    rows = tuple(_duplicate(image, group) for group in found.largest[:_ROWS])
    table = Table(("where", "from", "files", "copies", "too much"), rows, frozenset({2, 3, 4}))
    title = f"Duplicates: {show_size(found.bytes)} shipped more than once"
    return [Section(title, Worth.DUPLICATES, (table,), folded=True)]


def _duplicate(image: Image, group: DuplicateGroup) -> tuple[Phrase, ...]:
    paths: list[Phrase] = [(Foreign(path, 120),) for path in group.paths[:_PATHS]]
    if group.copies > len(paths):
        paths.append((f"{group.copies - len(paths):,} more",))
    lines = ", ".join(dict.fromkeys(origin(image, layer) for layer in group.layers))
    return (
        join(paths, ", "),
        (lines or "—",),
        (f"{group.files:,}",),
        (f"{group.copies:,}",),
        (show_size(group.bytes),),
    )


def _is_worth_it(image: Image, size: int) -> bool:
    return size * _WORTH_A_SECTION >= image.unpacked_bytes
