"""The section that names all the sizes of an image, one a row."""

from collections.abc import Callable

from bot.model.image import Image
from bot.model.report import ImageReport
from bot.model.sizes import show_change, show_size
from bot.report.page import image_facts
from bot.report.page.page_model import Line, Phrase, Section, Table, Worth, count

_Measures = tuple[tuple[str, Callable[[Image], int | None]], ...]
_COMPRESSED = "compressed: what a registry stores"
_BY_ORIGIN: _Measures = (
    ("from the base image (only another FROM changes it)", lambda image: image.base_image_bytes),
    ("from this Dockerfile", lambda image: image.own_bytes),
)
_OWN_WASTE: _Measures = (
    ("wasted by the Dockerfile's own layers", lambda image: image.own_wasted_bytes),
)


def sizes(image: ImageReport) -> list[Section]:
    """The four sizes before and after, and what a client of the old image must download."""
    base, head = image.comparison.base, image.comparison.head
    sides = [side for side in (base, head) if side]
    if not sides:
        return []
    worth = Worth.SIZES_OF_PASSING if image_facts.passes(image) else Worth.SIZES
    measures = _measures(sides)
    table = (
        _both(base, head, measures) if base and head else _one(sides[0], measures, now=bool(head))
    )
    return [Section("Sizes", worth, (table, Line((_sentence(image),))))]


def _measures(sides: list[Image]) -> _Measures:
    """The rows of the table; what is the same as another row on every side has none."""
    inherits = all(side.base_image_bytes is not None for side in sides) and any(
        side.base_image_bytes for side in sides
    )
    own_differs = any(side.own_wasted_bytes != side.wasted_bytes for side in sides)
    return (
        ("unpacked: all files of all layers", lambda image: image.unpacked_bytes),
        *(_BY_ORIGIN if inherits else ()),
        (_COMPRESSED, lambda image: image.compressed_bytes),
        ("filesystem: what a container sees", lambda image: image.filesystem_bytes),
        ("wasted: shipped, never seen", lambda image: image.wasted_bytes),
        *(_OWN_WASTE if own_differs else ()),
    )


def _both(base: Image, head: Image, measures: _Measures) -> Table:
    rows: list[tuple[Phrase, ...]] = []
    for name, measure in measures:
        old, new = measure(base) or 0, measure(head) or 0
        guess = name == _COMPRESSED and not (base.compressed_exact and head.compressed_exact)
        change = ("≈" if guess else "") + show_change(new - old)
        rows.append(((name,), (_show(base, name, old),), (_show(head, name, new),), (change,)))
    return Table(("size", "before", "after", "change"), tuple(rows), frozenset({1, 2, 3}))


def _one(image: Image, measures: _Measures, *, now: bool) -> Table:
    rows = tuple(
        ((name,), (_show(image, name, measure(image) or 0),)) for name, measure in measures
    )
    return Table(("size", "now" if now else "before"), rows, frozenset({1}))


def _show(image: Image, name: str, size: int) -> str:
    """`≈` marks a compressed size whose blobs nobody has seen, with how far it may be off."""
    if name != _COMPRESSED or image.compressed_exact:
        return show_size(size)
    return _about(size, image.compressed_error)


def _about(size: int, error: float) -> str:
    return f"≈{show_size(size)}" + (f" ±{100 * error:.2g} %" if error else "")


def _sentence(image: ImageReport) -> str:
    measured = image_facts.standing(image)
    if measured is None:
        return ""
    held = f"{count(measured.files, 'file')} in {count(len(measured.layers), 'layer')}."
    if image.comparison.delta is None:
        return held
    delta = image.comparison.delta
    size = delta.pull_delta_bytes
    pulled = show_size(size) if measured.compressed_exact else _about(size, delta.pull_delta_error)
    return f"A machine that has the old image downloads {pulled}. {held}"
