"""Suggestions that a change has nothing to do with: a review of it only counts them.

Otherwise each pull request would repeat what the last one left as it was.
"""

from collections.abc import Iterator

from bot.model.comparison import BaseOrHead
from bot.model.image import InstructionRef
from bot.model.report import ImageReport
from bot.model.suggestion import Suggestion
from bot.report.page.growth_savings import is_of_growth, touches_row
from bot.report.page.small_sizes import is_small


def list_current_suggestions(image: ImageReport) -> list[Suggestion]:
    """Return the suggestions at lines that were edited or that grew, or about bytes of the growth.

    All of them, where nothing is compared.
    """
    return [x for x in image.suggestions if not _is_older(image, x)]


def _is_older(image: ImageReport, suggestion: Suggestion) -> bool:
    """Return True if the old image has the same instructions at the lines of a suggestion.

    An instruction without a layer is not in an image, so that nothing is known of its past. A line
    that grew is one to look at, whatever of it was there before.
    """
    base, delta = image.comparison.base, image.comparison.delta
    if base is None or delta is None:
        return False
    old = {layer.instruction.text for layer in base.layers if layer.instruction}
    texts = [instruction.text for instruction in _list_instructions(image, suggestion)]
    if not texts or not old.issuperset(texts):
        return False
    return not is_of_growth(image, suggestion) and not _is_of_grown_line(image, suggestion)


def _is_of_grown_line(image: ImageReport, suggestion: Suggestion) -> bool:
    """Return True if a line of a suggestion grew by an amount that is not small."""
    head = image.comparison.head
    return not suggestion.covers_file and any(
        row.delta_bytes > 0 and head and not is_small(row.delta_bytes, head.unpacked_bytes)
        for row in image.comparison.attribution
        if row.side is BaseOrHead.HEAD and touches_row(suggestion, row)
    )


def _list_instructions(image: ImageReport, suggestion: Suggestion) -> Iterator[InstructionRef]:
    """Yield the instructions at the lines of a suggestion; of a rewritten file, all of them."""
    first, last = suggestion.lines
    for layer in image.comparison.head.layers if image.comparison.head else ():
        source = layer.instruction
        if source and first <= source.line_end and source.line_start <= last:
            yield source
