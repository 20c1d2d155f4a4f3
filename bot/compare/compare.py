"""Comparison of two measured images.

The one entry to this room: attribution, layer pairs, file changes, waste and duplicates meet here.
"""

from dataclasses import replace

from bot.compare.attribution import attribute_growth
from bot.compare.duplicates import find_duplicates
from bot.compare.file_changes import find_changed_files, summarise_changes
from bot.compare.largest_contents import name_layer_contents
from bot.compare.layer_pairs import match_layers
from bot.compare.wasted_files import group_wasted_files
from bot.model.comparison import Comparison, Delta
from bot.model.image import Image


def compare_images(base: Image | None, head: Image | None) -> Comparison:
    """Return the difference from base to head; with one side missing, the other side alone."""
    if base is None or head is None:
        return Comparison(base and _describe_alone(base), head and _describe_alone(head))
    changes = find_changed_files(base, head)
    moved = {change.source for change in changes if change.source}
    has_file_trees = _has_file_tree(base) and _has_file_tree(head)
    return Comparison(
        base,
        add_waste_and_duplicates(head),
        _compute_delta(base, head),
        attribute_growth(base, head, moved),
        match_layers(base, head),
        summarise_changes(changes) if has_file_trees else None,
    )


def _describe_alone(image: Image) -> Image:
    """Return an image that is compared with none, with what its layers contain."""
    return name_layer_contents(add_waste_and_duplicates(image))


def add_waste_and_duplicates(image: Image) -> Image:
    """Return the image with its wasted files and duplicates, where its files are known."""
    has_file_tree = _has_file_tree(image)
    return replace(
        image,
        waste_groups=group_wasted_files(image.wasted_files),
        duplicates=find_duplicates(image) if has_file_tree else None,
    )


def _has_file_tree(image: Image) -> bool:
    # The image of a report that was read has the number of its files, and not their names.
    return bool(image.tree) or not image.files


def _compute_delta(base: Image, head: Image) -> Delta:
    # A client that has base pulls the layers that it lacks; equal contents in another layer do not
    # help.
    base_diff_ids = {layer.diff_id for layer in base.layers}
    new_layers = [layer for layer in head.layers if layer.diff_id not in base_diff_ids]
    download = sum(layer.compressed_bytes for layer in new_layers)
    error = sum(layer.compressed_bytes * layer.compressed_error for layer in new_layers)
    return Delta(
        unpacked_bytes=head.unpacked_bytes - base.unpacked_bytes,
        compressed_bytes=head.compressed_bytes - base.compressed_bytes,
        filesystem_bytes=head.filesystem_bytes - base.filesystem_bytes,
        wasted_bytes=head.wasted_bytes - base.wasted_bytes,
        pull_delta_bytes=download,
        layers=len(head.layers) - len(base.layers),
        pull_delta_error=error / download if download else 0.0,
    )
