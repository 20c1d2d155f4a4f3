"""The section that names all the sizes of an image, one a row."""

from collections.abc import Callable

from bot.core.model import Image, ImageReport
from bot.core.sizes import show_change, show_size
from bot.report import facts
from bot.report.parts import Line, Phrase, Section, Table, Worth, count

_Measures = tuple[tuple[str, Callable[[Image], int]], ...]
_ROWS: _Measures = (
    ("unpacked: all files of all layers", lambda image: image.unpacked_bytes),
    ("compressed: what a registry stores", lambda image: image.compressed_bytes),
    ("filesystem: what a container sees", lambda image: image.filesystem_bytes),
    ("wasted: shipped, never seen", lambda image: image.wasted_bytes),
    ("wasted by the Dockerfile's own layers", lambda image: image.own_wasted_bytes),
)
_COMPRESSED = 1


def sizes(image: ImageReport) -> list[Section]:
    """The four sizes before and after, and what a client of the old image must download."""
    base, head = image.comparison.base, image.comparison.head
    if not (base or head):
        return []
    table_rows = _ROWS if _own_differs(base) or _own_differs(head) else _ROWS[:-1]
    worth = Worth.SIZES_OF_PASSING if facts.passes(image) else Worth.SIZES
    table = _both(base, head, table_rows) if base and head else _one(base, head, table_rows)
    return [Section("Sizes", worth, (table, Line((_sentence(image),))))]


def _own_differs(image: Image | None) -> bool:
    """Whether some of the waste came with the base image, so that our own part needs a row."""
    return image is not None and image.own_wasted_bytes != image.wasted_bytes


def _both(base: Image, head: Image, measures: _Measures) -> Table:
    rows = []
    for position, (name, measure) in enumerate(measures):
        old, new = measure(base), measure(head)
        row: tuple[Phrase, ...] = (
            (name,),
            (_show(base, position, old),),
            (_show(head, position, new),),
            (show_change(new - old),),
        )
        rows.append(row)
    return Table(("size", "before", "after", "change"), tuple(rows), frozenset({1, 2, 3}))


def _one(base: Image | None, head: Image | None, measures: _Measures) -> Table:
    image = head or base
    rows = tuple(
        ((name,), (_show(image, position, measure(image)),))
        for position, (name, measure) in enumerate(measures)
        if image
    )
    return Table(("size", "now" if head else "before"), rows, frozenset({1}))


def _show(image: Image, position: int, size: int) -> str:
    """`≈` marks a compressed size whose blobs nobody has seen."""
    guess = position == _COMPRESSED and not image.compressed_exact
    return ("≈" if guess else "") + show_size(size)


def _sentence(image: ImageReport) -> str:
    measured = facts.standing(image)
    if measured is None:
        return ""
    held = f"{count(measured.files, 'file')} in {count(len(measured.layers), 'layer')}."
    if image.comparison.delta is None:
        return held
    guess = "" if measured.compressed_exact else "≈"
    pulled = show_size(image.comparison.delta.pull_delta_bytes)
    return f"A machine that has the old image downloads {guess}{pulled}. {held}"
