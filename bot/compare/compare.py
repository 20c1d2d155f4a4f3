"""Two measured images side by side."""

from dataclasses import replace

from bot.compare.attribution import attribute
from bot.compare.duplicates import find_duplicates
from bot.compare.file_changes import changed_files, sum_up
from bot.compare.layer_pairs import match_layers
from bot.compare.wasted_files import group_waste
from bot.model.comparison import Comparison, Delta
from bot.model.image import Image


def compare(base: Image | None, head: Image | None) -> Comparison:
    """The difference from base to head; with one side missing, the side that is there."""
    if base is None or head is None:
        return Comparison(base and look_into(base), head and look_into(head))
    changes = changed_files(base, head)
    moved = {change.source for change in changes if change.source}
    known = _tree_is_known(base) and _tree_is_known(head)
    return Comparison(
        base,
        look_into(head),
        _delta(base, head),
        attribute(base, head, moved),
        match_layers(base, head),
        sum_up(changes) if known else None,
    )


def look_into(image: Image) -> Image:
    """The same image with its waste and its duplicates, as far as its files are known."""
    known = _tree_is_known(image)
    return replace(
        image,
        wasted=group_waste(image.wastes),
        duplicates=find_duplicates(image) if known else None,
    )


def _tree_is_known(image: Image) -> bool:
    return bool(image.tree) or not image.files


def _delta(base: Image, head: Image) -> Delta:
    at_hand = {layer.diff_id for layer in base.layers}
    pulled = [layer for layer in head.layers if layer.diff_id not in at_hand]
    download = sum(layer.compressed_bytes for layer in pulled)
    error = sum(layer.compressed_bytes * layer.compressed_error for layer in pulled)
    return Delta(
        unpacked_bytes=head.unpacked_bytes - base.unpacked_bytes,
        compressed_bytes=head.compressed_bytes - base.compressed_bytes,
        filesystem_bytes=head.filesystem_bytes - base.filesystem_bytes,
        wasted_bytes=head.wasted_bytes - base.wasted_bytes,
        pull_delta_bytes=download,
        layers=len(head.layers) - len(base.layers),
        pull_delta_error=error / download if download else 0.0,
    )
