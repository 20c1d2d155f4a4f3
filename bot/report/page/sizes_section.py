"""The section that names all the sizes of an image, one a row."""

from collections.abc import Callable

from bot.model.image import Image
from bot.model.report import ImageReport
from bot.model.sizes import format_change, format_size
from bot.report.page import image_facts
from bot.report.page.page_model import KeepPriority, Line, Phrase, Section, Table, format_count

_SizeMeasures = tuple[tuple[str, Callable[[Image], int | None]], ...]
_COMPRESSED_LABEL = "compressed: what a registry stores"
_ORIGIN_MEASURES: _SizeMeasures = (
    ("from the base image (only another FROM changes it)", lambda image: image.base_image_bytes),
    ("from this Dockerfile", lambda image: image.own_bytes),
)
_OWN_WASTE_MEASURES: _SizeMeasures = (
    ("wasted by the Dockerfile's own layers", lambda image: image.own_wasted_bytes),
)


def make_sizes_section(image: ImageReport) -> list[Section]:
    """The four sizes before and after, and what a client of the old image must download."""
    base, head = image.comparison.base, image.comparison.head
    sides = [side for side in (base, head) if side]
    if not sides:
        return []
    worth = KeepPriority.SIZES_OF_PASSING if image_facts.is_passing(image) else KeepPriority.SIZES
    measures = _select_measures(sides)
    table = (
        _make_comparison_table(base, head, measures)
        if base and head
        else _make_single_table(sides[0], measures, is_head=bool(head))
    )
    return [Section("Sizes", worth, (table, Line((_describe_download(image),))))]


def _select_measures(sides: list[Image]) -> _SizeMeasures:
    """The rows of the table; what is the same as another row on every side has none."""
    inherits = all(side.base_image_bytes is not None for side in sides) and any(
        side.base_image_bytes for side in sides
    )
    own_differs = any(side.own_wasted_bytes != side.wasted_bytes for side in sides)
    return (
        ("unpacked: all files of all layers", lambda image: image.unpacked_bytes),
        *(_ORIGIN_MEASURES if inherits else ()),
        (_COMPRESSED_LABEL, lambda image: image.compressed_bytes),
        ("filesystem: what a container sees", lambda image: image.filesystem_bytes),
        ("wasted: shipped, never seen", lambda image: image.wasted_bytes),
        *(_OWN_WASTE_MEASURES if own_differs else ()),
    )


def _make_comparison_table(base: Image, head: Image, measures: _SizeMeasures) -> Table:
    rows: list[tuple[Phrase, ...]] = []
    for name, measure in measures:
        old, new = measure(base) or 0, measure(head) or 0
        guess = name == _COMPRESSED_LABEL and not (base.compressed_exact and head.compressed_exact)
        change = ("≈" if guess else "") + format_change(new - old)
        rows.append(
            (
                (name,),
                (_format_measure(base, name, old),),
                (_format_measure(head, name, new),),
                (change,),
            )
        )
    return Table(("size", "before", "after", "change"), tuple(rows), frozenset({1, 2, 3}))


def _make_single_table(image: Image, measures: _SizeMeasures, *, is_head: bool) -> Table:
    rows = tuple(
        ((name,), (_format_measure(image, name, measure(image) or 0),))
        for name, measure in measures
    )
    return Table(("size", "now" if is_head else "before"), rows, frozenset({1}))


def _format_measure(image: Image, name: str, size: int) -> str:
    """`≈` marks a compressed size whose blobs nobody has seen, with how far it may be off."""
    if name != _COMPRESSED_LABEL or image.compressed_exact:
        return format_size(size)
    return _format_estimate(size, image.compressed_error)


def _format_estimate(size: int, error: float) -> str:
    return f"≈{format_size(size)}" + (f" ±{100 * error:.2g} %" if error else "")


def _describe_download(image: ImageReport) -> str:
    measured = image_facts.head_or_base(image)
    if measured is None:
        return ""
    held = (
        f"{format_count(measured.files, 'file')} in {format_count(len(measured.layers), 'layer')}."
    )
    if image.comparison.delta is None:
        return held
    delta = image.comparison.delta
    size = delta.pull_delta_bytes
    pulled = (
        format_size(size)
        if measured.compressed_exact
        else _format_estimate(size, delta.pull_delta_error)
    )
    return f"A machine that has the old image downloads {pulled}. {held}"
