"""The section "Sizes": every size of an image, one a row."""

from collections.abc import Callable

from bot.model.image import Image
from bot.model.report import ImageReport
from bot.model.sizes import format_change, format_count, format_size
from bot.report.page import image_facts
from bot.report.page.page_model import KeepPriority, Line, Phrase, Section, Table

SIZES_TITLE = "Sizes"
_SizeMeasures = tuple[tuple[str, Callable[[Image], int | None]], ...]
# The only size that may be an estimate: blobs of a locally built image do not exist yet.
_COMPRESSED_LABEL = "compressed (as a registry stores it)"
# From here on two digits of the error are 100 %.
_GUESS_PERCENT = 99.5
_ORIGIN_MEASURES: _SizeMeasures = (
    ("from the base image (set by FROM)", lambda image: image.base_image_bytes),
    ("from this Dockerfile", lambda image: image.own_bytes),
)
_OWN_WASTE_MEASURES: _SizeMeasures = (
    ("hidden, from this Dockerfile's layers", lambda image: image.own_wasted_bytes),
)


def make_sizes_section(image: ImageReport) -> list[Section]:
    """Build the table of sizes, with the download that an update of the old image needs."""
    base, head = image.comparison.base, image.comparison.head
    sides = [side for side in (base, head) if side]
    if not sides:
        return []
    passing = image_facts.is_passing(image)
    priority = KeepPriority.SIZES_OF_PASSING if passing else KeepPriority.SIZES
    measures = _select_measures(sides)
    table = (
        _make_comparison_table(base, head, measures)
        if base and head
        else _make_single_table(sides[0], measures, is_head=bool(head))
    )
    return [Section(SIZES_TITLE, priority, (table, Line((_describe_download(image),))))]


def _select_measures(sides: list[Image]) -> _SizeMeasures:
    """Select the rows of the table; a size that equals another on every side gets none."""
    inherits = all(side.base_image_bytes is not None for side in sides) and any(
        side.base_image_bytes for side in sides
    )
    own_differs = any(side.own_wasted_bytes != side.wasted_bytes for side in sides)
    return (
        ("size on disk (sum of layers)", lambda image: image.unpacked_bytes),
        *(_ORIGIN_MEASURES if inherits else ()),
        (_COMPRESSED_LABEL, lambda image: image.compressed_bytes),
        ("visible in the container", lambda image: image.filesystem_bytes),
        ("hidden by later layers", lambda image: image.wasted_bytes),
        *(_OWN_WASTE_MEASURES if own_differs else ()),
    )


def _make_comparison_table(base: Image, head: Image, measures: _SizeMeasures) -> Table:
    rows: list[tuple[Phrase, ...]] = []
    for name, measure in measures:
        old, new = measure(base) or 0, measure(head) or 0
        is_exact = base.compressed_exact and head.compressed_exact
        mark = "≈" if name == _COMPRESSED_LABEL and not is_exact else ""
        change = mark + format_change(new - old)
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
    """Format a size; `≈` marks a compressed size that was estimated, with its error."""
    if name != _COMPRESSED_LABEL or image.compressed_exact:
        return format_size(size)
    return _format_estimate(size, image.compressed_error)


def _format_estimate(size: int, error: float) -> str:
    percent = 100 * error
    if percent >= _GUESS_PERCENT:
        return f"≈{format_size(size)}, only a rough estimate"
    # Within these bounds two digits are never written with an exponent.
    return f"≈{format_size(size)}" + (f" ±{max(percent, 0.1):.2g} %" if error else "")


def _describe_download(image: ImageReport) -> str:
    measured = image_facts.head_or_base(image)
    if measured is None:
        return ""
    layers = format_count(len(measured.layers), "layer")
    contents = f"{format_count(measured.files, 'file')} in {layers}."
    delta = image.comparison.delta
    if delta is None:
        return contents
    download = (
        format_size(delta.pull_delta_bytes)
        if measured.compressed_exact
        else _format_estimate(delta.pull_delta_bytes, delta.pull_delta_error)
    )
    return f"A machine that has the old image downloads {download}. {contents}"
