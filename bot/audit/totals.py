"""The totals of several images."""

from collections.abc import Sequence

from bot.audit.savings import select_savings
from bot.model.audit import Totals
from bot.model.report import ImageReport


def count_totals(images: Sequence[ImageReport]) -> Totals:
    """Add up the images of a report, and the savings that do not overlap."""
    measured = [image.comparison.head for image in images if image.comparison.head]
    layers = {layer.diff_id: layer.unpacked_bytes for head in measured for layer in head.layers}
    return Totals(
        images=len(images),
        unpacked_bytes=sum(head.unpacked_bytes for head in measured),
        unpacked_bytes_unique=sum(layers.values()),
        saving_bytes=sum(saving.bytes for saving in select_savings(images)),
        images_lacking_contents=sum(
            image.lacks_contents for image in images if image.comparison.head
        ),
    )
