"""Two measured images side by side."""

from bot.core.attribute import attribute
from bot.core.model import Comparison, Delta, Image


def compare(base: Image | None, head: Image | None) -> Comparison:
    """The difference from base to head; with one side missing, the side that is there."""
    if base is None or head is None:
        return Comparison(base, head)
    return Comparison(base, head, _delta(base, head), attribute(base, head))


def _delta(base: Image, head: Image) -> Delta:
    at_hand = {layer.diff_id for layer in base.layers}
    return Delta(
        unpacked_bytes=head.unpacked_bytes - base.unpacked_bytes,
        compressed_bytes=head.compressed_bytes - base.compressed_bytes,
        filesystem_bytes=head.filesystem_bytes - base.filesystem_bytes,
        wasted_bytes=head.wasted_bytes - base.wasted_bytes,
        pull_delta_bytes=sum(
            layer.compressed_bytes for layer in head.layers if layer.diff_id not in at_hand
        ),
        layers=len(head.layers) - len(base.layers),
    )
