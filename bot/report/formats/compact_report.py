"""A report in fewer bytes, for the comment that stores it.

Sizes, checks and causes stay, since they are judged and shown again. What goes is what only the
JSON report and the page for browsers have, then the details of single images.
"""

from collections.abc import Iterator
from dataclasses import replace

from bot.model.comparison import Comparison
from bot.model.image import Image, Layer
from bot.model.report import ImageReport, Report

_ALGORITHM = "sha256:"
_ID_LENGTHS = (12, 16, 32)  # hexadecimal digits; 12 is what `docker images` shows
_DETAILS_NOTE = (
    "The report of this commit was stored without suggestions, lists of files, trends and logs, "
    "since it has many images; the job that built them has all of it."
)


def list_smaller_forms(report: Report) -> Iterator[Report]:
    """Yield a report whole, then with less and less of what need not be judged again."""
    yield report
    bare = _shorten_ids(replace(report, images=tuple(map(_drop_data, report.images))))
    yield bare
    images = tuple(map(_drop_details, bare.images))
    yield replace(bare, images=images, notes=(*bare.notes, _DETAILS_NOTE))


def _drop_data(image: ImageReport) -> ImageReport:
    """Return an image without pictures, and without what only a record needs."""
    comparison = image.comparison
    base, head = (
        side and replace(side, size_tree=None, layers=tuple(_drop_contents(side, other)))
        for side, other in (
            (comparison.base, comparison.head),
            (comparison.head, comparison.base),
        )
    )
    return replace(image, comparison=replace(comparison, base=base, head=head), build_key=None)


def _drop_contents(image: Image, other: Image | None) -> Iterator[Layer]:
    """Yield layers without the digests of contents that the other side does not have, too."""
    layers = other.layers if other else ()
    ids, contents = ({getattr(x, name) for x in layers} for name in ("diff_id", "content_id"))
    for layer in image.layers:
        is_common = layer.content_id in contents and layer.diff_id not in ids
        yield layer if is_common else replace(layer, content_id="")


def _drop_details(image: ImageReport) -> ImageReport:
    comparison = image.comparison
    base, head = (
        side and replace(side, waste_groups=(), duplicates=None, layers=_drop_owners(side))
        for side in (comparison.base, comparison.head)
    )
    small = replace(comparison, base=base, head=head, file_changes=None)
    return replace(image, comparison=small, suggestions=(), log=(), trend=None)


def _drop_owners(image: Image) -> tuple[Layer, ...]:
    return tuple(replace(layer, largest_owners=()) for layer in image.layers)


def _shorten_ids(report: Report) -> Report:
    """Return a report with shortened digests, as long as they are different ones."""
    comparisons = [image.comparison for image in report.images]
    texts = {text for comparison in comparisons for text in _list_ids(comparison)}
    for length in _ID_LENGTHS:
        short = {text: _shorten(text, length) for text in texts}
        if len(set(short.values())) == len(texts):
            images = (_replace_ids(image, short) for image in report.images)
            return replace(report, images=tuple(images))
    return report


def _list_ids(comparison: Comparison) -> Iterator[str]:
    for side in (comparison.base, comparison.head):
        if side:
            yield side.image_id
            for layer in side.layers:
                yield from (layer.diff_id, layer.content_id)


def _shorten(text: str, length: int) -> str:
    prefix = _ALGORITHM if text.startswith(_ALGORITHM) else ""
    return prefix + text.removeprefix(prefix)[:length]


def _replace_ids(image: ImageReport, short: dict[str, str]) -> ImageReport:
    comparison = image.comparison
    base, head = (side and _rename(side, short) for side in (comparison.base, comparison.head))
    return replace(image, comparison=replace(comparison, base=base, head=head))


def _rename(image: Image, short: dict[str, str]) -> Image:
    layers = (
        replace(layer, diff_id=short[layer.diff_id], content_id=short[layer.content_id])
        for layer in image.layers
    )
    return replace(image, image_id=short[image.image_id], layers=tuple(layers))
