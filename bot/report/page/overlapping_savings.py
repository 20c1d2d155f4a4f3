"""Savings that may be of the same bytes: a reader who adds them up expects too much."""

from collections.abc import Iterable

from bot.model.report import ImageReport
from bot.model.sizes import format_size
from bot.model.suggestion import Suggestion


def describe_overlap(
    suggestion: Suggestion, earlier: Iterable[Suggestion], image: ImageReport
) -> str:
    """Say which saving, of those listed before, may be of the same bytes; empty without one."""
    if not suggestion.saving_bytes:
        return ""
    for other in earlier:
        if other.saving_bytes and suggestion.shares_lines(other):
            verb = "overlaps" if _is_more_than_all(suggestion, other, image) else "may overlap"
            return f"{verb} the −{format_size(other.saving_bytes)} above: do not add them"
    return ""


def _is_more_than_all(first: Suggestion, second: Suggestion, image: ImageReport) -> bool:
    """Return True if the lines of two suggestions hold less than what both save."""
    start = min(first.lines[0], second.lines[0])
    end = max(first.lines[1], second.lines[1])
    layers = image.comparison.head.layers if image.comparison.head else ()
    sizes = [
        layer.unpacked_bytes
        for layer in layers
        if layer.instruction
        and layer.instruction.line_start <= end
        and start <= layer.instruction.line_end
    ]
    saved = (first.saving_bytes or 0) + (second.saving_bytes or 0)
    return bool(sizes) and saved > sum(sizes)
