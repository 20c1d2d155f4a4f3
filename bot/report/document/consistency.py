"""The sums of a report: no byte of growth is unexplained, and no number contradicts another.

Apart from the readers, since these are claims about the report as a whole. A report that a fork's
workflow uploaded must not be able to show a growth that its own layers do not add up to.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.model.comparison import Comparison
from bot.model.image import Image
from bot.model.report import ImageState, Report
from bot.model.trend import Trend
from bot.report.document.audit_fields import write_audit_facts, write_shared_layers
from bot.report.document.growth import find_pull_bytes
from bot.report.document.since_field import sum_parts

_DELTA_FIELDS = ("unpacked_bytes", "compressed_bytes", "filesystem_bytes", "wasted_bytes")
_STATED_FIELDS = ("unpacked_bytes", "compressed_bytes", "wasted_bytes", "own_wasted_bytes")
_OPTIONAL_STATED_FIELDS = ("base_image_bytes", "own_bytes")  # older reports have none
# The sides that were measured in a state, as (base, head); None where the state leaves it open.
_MEASURED_SIDES = {
    ImageState.CHANGED: (True, True),
    ImageState.NEW: (False, True),
    ImageState.NO_BASELINE: (False, None),
    ImageState.BASE_BUILD_FAILED: (False, True),
}

# A name, the stated value and the computed value.
Claim = tuple[str, object, object]


def check_sums(report: Report, document: Mapping[str, Any]) -> None:
    """Raise ValueError for the first sum of a report that does not hold in its document."""
    # The first one is enough: a document with one wrong number is shown in no part.
    claims = [("the report's verdict", document["verdict"], report.verdict.value)]
    _check_claims(claims)
    for data, image in zip(document["images"], report.images, strict=True):
        location = f"image {image.spec.name[:80]!r}"
        for side in ("base", "head"):
            _check_claims(
                _claim_image(f"{location}, {side}", data[side], getattr(image.comparison, side))
            )
        _check_claims(_claim_sides(location, image.state, image.comparison))
        _check_claims(_claim_delta(location, image.comparison))
        pulled = find_pull_bytes(image)
        claim = (f"{location}, pull_bytes", data.get("pull_bytes", pulled), pulled)
        _check_claims([claim])
        _check_claims(_claim_attribution(location, image.comparison))
        _check_claims(_claim_layers(location, image.comparison))
        _check_claims(_claim_files(location, image.comparison))
        _check_claims(_claim_trend(location, data.get("trend"), image.trend))
    _check_claims(_claim_audit(report, document))
    _check_claims(_claim_since(report))


def _check_claims(claims: Iterable[Claim]) -> None:
    for claim, stated, computed in claims:
        if stated != computed:
            raise ValueError(
                f"the report contradicts itself: {claim} is {stated}, but should be {computed}"
            )


def _claim_image(
    location: str, data: Mapping[str, Any] | None, image: Image | None
) -> Iterator[Claim]:
    if data is None or image is None:
        return
    # These follow from the layers, which alone are read: a page shows the sums of what it lists.
    for name in _STATED_FIELDS:
        yield f"{location}, {name}", data[name], getattr(image, name)
    for name in _OPTIONAL_STATED_FIELDS:
        yield f"{location}, {name}", data.get(name, getattr(image, name)), getattr(image, name)
    if image.waste_groups:
        waste = sum(group.bytes for group in image.waste_groups)
        yield f"{location}, the sum of its waste", waste, image.wasted_bytes
    if image.size_tree:
        tree = [part.bytes for part in image.size_tree.layers]
        layers = [layer.unpacked_bytes for layer in image.layers]
        yield f"{location}, the layers of its size_tree", tree, layers
        packages = sum(part.bytes for part in image.size_tree.packages)
        expected = image.unpacked_bytes if image.size_tree.packages else 0
        yield f"{location}, the packages of its size_tree", packages, expected
    # At most, since only the largest owners are listed.
    for layer in image.layers:
        named = sum(part.bytes for part in layer.largest_owners)
        fits = named <= layer.unpacked_bytes
        yield f"{location}, whether the owners of layer {layer.index} fit into it", fits, True
    # A quotient: another program may write fewer of its digits.
    yield f"{location}, efficiency", round(data["efficiency"], 6), round(image.efficiency, 6)


def _claim_sides(location: str, state: ImageState, comparison: Comparison) -> Iterator[Claim]:
    # A state says which checks are made: `new` with a base in it would escape limits on growth.
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
    pulled = sum(layer.compressed_bytes for layer in comparison.new_layers)
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
    """Claim that the list of layers, if there is one, has each layer of both sides once."""
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


def _claim_audit(report: Report, document: Mapping[str, Any]) -> Iterator[Claim]:
    """Claim what follows from the images of an audit, and the sums of its repeated files."""
    computed = write_audit_facts(report)
    for name, total in computed.get("totals", {}).items():
        yield f"totals.{name}", document.get("totals", {}).get(name, total), total
    if computed and "savings" in document:
        matches = document["savings"] == computed["savings"]
        yield "whether savings are those of the images", matches, True
    for data, shared in zip(document["images"], write_shared_layers(report), strict=True):
        if shared and "shared_with" in data:
            matches = data["shared_with"] == shared["shared_with"]
            yield f"image {data['name'][:80]!r}, whether it shares what it says", matches, True
    if computed and document.get("repeated_files"):
        stated = [group["bytes"] for group in document["repeated_files"]["largest"]]
        sums = [group["bytes"] for group in computed["repeated_files"]["largest"]]
        yield "the bytes of repeated files", stated, sums


def _claim_since(report: Report) -> Iterator[Claim]:
    """Claim that each byte of an image's net change is of a commit, of none, or left open."""
    for image in report.since.images if report.since else ():
        if report.since and image.change_bytes is not None:
            total = sum_parts(report.since, image)
            yield f"since, the parts of {image.image.name[:80]!r}", total, image.change_bytes


def _claim_trend(
    location: str, data: Mapping[str, Any] | None, trend: Trend | None
) -> Iterator[Claim]:
    if data and trend:
        yield f"{location}, trend.change_bytes", data["change_bytes"], trend.change_bytes
        yield f"{location}, trend.commits", data["commits"], len(trend.points)
