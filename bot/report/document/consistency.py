"""The sums of a report: no byte of growth is unexplained, and no number contradicts another."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.model.comparison import Comparison
from bot.model.image import Image
from bot.model.report import ImageState, Report

_DELTA_FIELDS = ("unpacked_bytes", "compressed_bytes", "filesystem_bytes", "wasted_bytes")
_STATED_FIELDS = ("unpacked_bytes", "compressed_bytes", "wasted_bytes", "own_wasted_bytes")
_OPTIONAL_STATED_FIELDS = ("base_image_bytes", "own_bytes")
# What a state says about which sides were measured, (base, head); None where it says nothing.
_MEASURED_SIDES = {
    ImageState.CHANGED: (True, True),
    ImageState.NEW: (False, True),
    ImageState.NO_BASELINE: (False, None),
    ImageState.BASE_BUILD_FAILED: (False, True),
}

Claim = tuple[str, object, object]


def check_sums(report: Report, document: Mapping[str, Any]) -> None:
    """ValueError for the first sum of a report that does not hold in its document."""
    claims = [("the report's verdict", document["verdict"], report.verdict.value)]
    _check_claims(claims)
    for given, image in zip(document["images"], report.images, strict=True):
        where = f"image {image.spec.name[:80]!r}"
        for side in ("base", "head"):
            _check_claims(
                _claim_image(f"{where}, {side}", given[side], getattr(image.comparison, side))
            )
        _check_claims(_claim_sides(where, image.state, image.comparison))
        _check_claims(_claim_delta(where, image.comparison))
        _check_claims(_claim_attribution(where, image.comparison))
        _check_claims(_claim_layers(where, image.comparison))
        _check_claims(_claim_files(where, image.comparison))


def _check_claims(claims: Iterable[Claim]) -> None:
    for what, stated, computed in claims:
        if stated != computed:
            raise ValueError(
                f"the report contradicts itself: {what} is {stated}, but should be {computed}"
            )


def _claim_image(
    location: str, data: Mapping[str, Any] | None, image: Image | None
) -> Iterator[Claim]:
    if data is None or image is None:
        return
    for name in _STATED_FIELDS:
        yield f"{location}, {name}", data[name], getattr(image, name)
    for name in _OPTIONAL_STATED_FIELDS:
        yield f"{location}, {name}", data.get(name, getattr(image, name)), getattr(image, name)
    if image.waste_groups:
        told = sum(group.bytes for group in image.waste_groups)
        yield f"{location}, the sum of its waste", told, image.wasted_bytes
    yield f"{location}, efficiency", round(data["efficiency"], 6), round(image.efficiency, 6)


def _claim_sides(location: str, state: ImageState, comparison: Comparison) -> Iterator[Claim]:
    measured = (comparison.base is not None, comparison.head is not None)
    expected = _MEASURED_SIDES.get(state, (None, None))
    for side, stated, computed in zip(("base", "head"), measured, expected, strict=True):
        yield (
            f"{location}, whether {side} was measured",
            stated,
            stated if computed is None else computed,
        )
    yield f"{location}, whether there is a delta", comparison.delta is not None, all(measured)


def _claim_delta(location: str, comparison: Comparison) -> Iterator[Claim]:
    base, head, delta = comparison.base, comparison.head, comparison.delta
    if base is None or head is None or delta is None:
        return
    for name in _DELTA_FIELDS:
        yield (
            f"{location}, delta.{name}",
            getattr(delta, name),
            getattr(head, name) - getattr(base, name),
        )
    known = {layer.diff_id for layer in base.layers}
    pulled = sum(layer.compressed_bytes for layer in head.layers if layer.diff_id not in known)
    yield f"{location}, delta.pull_delta_bytes", delta.pull_delta_bytes, pulled
    yield f"{location}, delta.layers", delta.layers, len(head.layers) - len(base.layers)


def _claim_attribution(location: str, comparison: Comparison) -> Iterator[Claim]:
    rows, delta = comparison.attribution, comparison.delta
    explained = sum(row.delta_bytes for row in rows)
    yield f"{location}, the sum of its attribution", explained, delta.unpacked_bytes if delta else 0
    for row in rows:
        owned = sum(owner.delta_bytes for owner in row.owners)
        yield f"{location}, the sum of the owners of {row.text[:80]!r}", owned, row.delta_bytes


def _claim_layers(location: str, comparison: Comparison) -> Iterator[Claim]:
    """Each layer of both sides stands in the list once, if there is one."""
    for side in ("base", "head") if comparison.layer_matches else ():
        image, indexes = getattr(comparison, side), list[int]()
        for match in comparison.layer_matches:
            index = getattr(match, f"{side}_index")
            indexes += [index] if index is not None else []
        expected = list(range(len(image.layers))) if image else []
        yield f"{location}, the layers of {side} that are compared", sorted(indexes), expected


def _claim_files(location: str, comparison: Comparison) -> Iterator[Claim]:
    changes, delta = comparison.file_changes, comparison.delta
    if changes and delta:
        moved = sum(kind.sign * tally.bytes for kind, tally in changes.tallies.items())
        yield f"{location}, the sum of its files", moved, delta.filesystem_bytes
