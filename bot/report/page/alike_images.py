"""Images that grew alike, by the same causes: one row of the table and one fold for all of them."""

from collections.abc import Hashable, Sequence
from dataclasses import replace

from bot.model.report import ImageReport
from bot.report.page import image_facts
from bot.report.page.common_growth import MIN_ALIKE, are_alike, list_causes
from bot.report.page.own_bases import join_names
from bot.report.page.page_model import (
    Details,
    KeepPriority,
    Line,
    Phrase,
    Row,
    Section,
    Strong,
    Untrusted,
)
from bot.report.page.several_platforms import count_images, list_entries, name_images

_MAX_NAMES_IN_ROW, _MAX_NAMES = 4, 100
_DASH = "\N{EN DASH}"
_CHANGE, _SIZE, _ALLOWED, _PULL = 1, 2, 3, 4

# An image with its row and its details.
_Part = tuple[ImageReport, Row, Details]


def group_alike(images: Sequence[ImageReport], rows: Sequence[Row]) -> list[list[int]]:
    """Return the positions of images that are one row, in the order of the first ones.

    Fewer than three that grew alike are a row each, but the platforms of an image are one.
    """
    groups: dict[Hashable, list[int]] = {}
    for position, (image, row) in enumerate(zip(images, rows, strict=True)):
        groups.setdefault(_identify(image, row) or position, []).append(position)
    parts = [part for group in groups.values() for part in _split_sizes(group, images)]
    return [part for group in parts for part in _split_small(group, images)]


def fold_alike(
    images: Sequence[ImageReport],
    rows: Sequence[Row],
    details: Sequence[Details],
    groups: Sequence[Sequence[int]],
) -> tuple[tuple[Row, ...], tuple[Details, ...]]:
    """Return rows and details in which those of each group of `group_alike` are one.

    Each comes where the first of its images was.
    """
    parts = list(zip(images, rows, details, strict=True))
    folded = [
        _fold([parts[position] for position in group]) if len(group) > 1 else parts[group[0]][1:]
        for group in groups
    ]
    return tuple(row for row, _ in folded), tuple(own for _, own in folded)


def _split_sizes(group: Sequence[int], images: Sequence[ImageReport]) -> list[list[int]]:
    """Split images with the same causes where their growths differ by more than a little."""
    parts: list[list[int]] = []
    for position in group:
        first = image_facts.growth(images[parts[-1][0]]) if parts else None
        if first and are_alike(first, image_facts.growth(images[position]) or 0):
            parts[-1].append(position)
        else:
            parts.append([position])
    return parts


def _split_small(group: list[int], images: Sequence[ImageReport]) -> list[list[int]]:
    """Split a group of few images; the platforms of one stay together."""
    entries = list_entries([images[position] for position in group])
    if len(entries) >= MIN_ALIKE:
        return [group]
    keys = [image_facts.identify_entry(platforms[0]) for platforms in entries]
    return [[x for x in group if image_facts.identify_entry(images[x]) == key] for key in keys]


def _identify(image: ImageReport, row: Row) -> Hashable:
    """Return what images that grew alike have in common; None for one that did not grow."""
    growth = image_facts.growth(image) or 0
    causes = frozenset(
        cause for cause, part in list_causes(image).items() if part.delta_bytes * 100 >= growth
    )
    return (causes, row.outcome, row.cells[_ALLOWED], row.note) if causes else None


def _fold(group: Sequence[_Part]) -> tuple[Row, Details]:
    images = [image for image, _, _ in group]
    names, first, number = _name_members(images), group[0][1], count_images(images)
    growths = [image_facts.growth(image) or 0 for image in images]
    change = f"{_get_text(_span(group, _CHANGE, growths))} each"
    shown: Phrase = join_names(names, _MAX_NAMES_IN_ROW)
    row = Row(
        first.outcome,
        (
            number,
            (Strong(change),),
            _span(group, _SIZE, [image_facts.head_size(image) or 0 for image in images]),
            first.cells[_ALLOWED],
            _span(group, _PULL, [_find_download(image) for image in images]),
        ),
        (*shown, *(("; ", *first.note) if first.note else ())),
    )
    details, listed = group[0][2], join_names(names, _MAX_NAMES)
    example = image_facts.label(images[0])
    line = Line((*listed, ". What follows is of ", example, "; the JSON report has all."))
    section = Section("Images", KeepPriority.CAUSES, (line,))
    title: Phrase = (*number, f": {change}")
    return row, replace(details, title=title, sections=(section, *details.sections))


def _name_members(images: Sequence[ImageReport]) -> list[Untrusted]:
    """Return the names of images, or the platforms of the only one."""
    names = name_images(images)
    if len(names) > 1:
        return names
    return [Untrusted(image.spec.platform or "", 64) for image in images]


def _span(group: Sequence[_Part], column: int, sizes: Sequence[int]) -> Phrase:
    """Return the least and the largest size of a column, or the only one."""
    cells = [_get_text(row.cells[column]) for _, row, _ in group]
    least, largest = (cells[sizes.index(choose(sizes))] for choose in (min, max))
    if least == largest:
        return (least,)
    number, _, unit = least.partition(" ")
    if largest.partition(" ")[2] != unit:
        return (f"{least} {_DASH} {largest}",)
    return (f"{number}{_DASH}{largest.removeprefix('+')}",)


def _find_download(image: ImageReport) -> int:
    delta = image.comparison.delta
    return delta.pull_delta_bytes if delta else 0


def _get_text(cell: Phrase) -> str:
    """Return the text of a cell with nothing but a size."""
    return "".join(part if isinstance(part, str) else part.text for part in cell)
