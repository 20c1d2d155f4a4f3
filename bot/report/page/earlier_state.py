"""The end of the second line for an image over budget: what was there before, and the download."""

from collections.abc import Iterator

from bot.compare.moved_packages import drop_moved_packages
from bot.model.changes import LayerChangeKind, LayerMatch
from bot.model.comparison import Attribution, BaseOrHead, GrowthCause
from bot.model.image import Image
from bot.model.metric import Metric
from bot.model.report import ImageReport, Outcome
from bot.model.sizes import format_size
from bot.report.page import image_facts
from bot.report.page.causes import find_main_cause
from bot.report.page.page_model import Phrase


def describe_earlier_state(image: ImageReport) -> Phrase:
    """Say whether the cause of an excessive growth was there before, and what an update costs.

    Empty for an image that is not over its budget, and without a growth.
    """
    row, delta = find_main_cause(image), image.comparison.delta
    if image.verdict is not Outcome.FAIL or row is None or delta is None or row.delta_bytes < 0:
        return ()
    pull = format_size(delta.pull_delta_bytes)
    mark = "" if image.comparison.head and image.comparison.head.compressed_exact else "≈"
    download = f"a machine with the old image pulls {mark}{pull}"
    text = "; ".join(filter(None, (_describe_earlier_lines(image, row), download)))
    return (f". {text[0].upper()}{text[1:]}",)


def _describe_earlier_lines(image: ImageReport, row: Attribution) -> str:
    """Describe what base had of a cause, in its line and in others."""
    before, size = _describe_before(image, row), _sum_taken_over(image, row)
    if not before or not size or image_facts.find_metric(image) is not Metric.UNPACKED:
        return before
    return f"{before}, and other lines {format_size(size)} of what it holds now"


def _sum_taken_over(image: ImageReport, row: Attribution) -> int:
    """Return the bytes that a row has of packages that other lines had before."""
    rows = image.comparison.attribution
    for whole, settled in zip(rows, drop_moved_packages(rows), strict=True):
        if settled == row:
            return whole.delta_bytes - row.delta_bytes
    return 0


def _describe_before(image: ImageReport, row: Attribution) -> str:
    """Describe what base had of a cause; empty where that is not known."""
    base, head = image.comparison.base, image.comparison.head
    if base is None or head is None or row.side is BaseOrHead.BASE:
        return ""
    if row.cause is GrowthCause.BASE_IMAGE:
        inherited = sum(x.unpacked_bytes for x in base.layers if x.from_base_image)
        return _describe_size("the base image", inherited, image)
    matches = list(_list_matches(image, head, row))
    if matches and all(match.kind is LayerChangeKind.ADDED for match in matches):
        return "the line is new"
    old = [base.layers[x.base_index] for x in matches if x.base_index is not None]
    size = sum(layer.unpacked_bytes for layer in old)
    return _describe_size("the line", size, image) if old else ""


def _describe_size(subject: str, size: int, image: ImageReport) -> str:
    if image_facts.find_metric(image) is not Metric.UNPACKED:
        return f"{subject} was there before"
    return f"{subject} had {format_size(size)} before"


def _list_matches(image: ImageReport, head: Image, row: Attribution) -> Iterator[LayerMatch]:
    """Yield the layers of a row's line, each with its counterpart."""
    positions = {layer.index for layer in image_facts.list_line_layers(head, row)}
    for match in image.comparison.layer_matches:
        if match.head_index in positions:
            yield match
