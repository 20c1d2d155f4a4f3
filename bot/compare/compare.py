"""Two measured images side by side."""

from dataclasses import replace

from bot.compare.attribution import attribute_growth
from bot.compare.duplicates import find_duplicates
from bot.compare.file_changes import find_changed_files, summarise_changes
from bot.compare.layer_pairs import match_layers
from bot.compare.wasted_files import group_wasted_files
from bot.model.comparison import Comparison, Delta
from bot.model.image import Image


def compare_images(base: Image | None, head: Image | None) -> Comparison:
    """The difference from base to head; with one side missing, the side that is there."""
    if base is None or head is None:
        return Comparison(
            base and add_waste_and_duplicates(base), head and add_waste_and_duplicates(head)
        )
    changes = find_changed_files(base, head)
    moved = {change.source for change in changes if change.source}
    known = _has_file_tree(base) and _has_file_tree(head)
    return Comparison(
        base,
        add_waste_and_duplicates(head),
        _compute_delta(base, head),
        attribute_growth(base, head, moved),
        match_layers(base, head),
        summarise_changes(changes) if known else None,
    )


def add_waste_and_duplicates(image: Image) -> Image:
    """The same image with its waste and its duplicates, as far as its files are known."""
    known = _has_file_tree(image)
    return replace(
        image,
        waste_groups=group_wasted_files(image.wasted_files),
        duplicates=find_duplicates(image) if known else None,
    )


def _has_file_tree(image: Image) -> bool:
    return bool(image.tree) or not image.files


def _compute_delta(base: Image, head: Image) -> Delta:
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
