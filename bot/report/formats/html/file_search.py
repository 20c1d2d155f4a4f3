"""The search for files: the largest files and folders of all images, as data for the script.

A layer that several images share is there once. Each text is there once, too: everything else is a
number, its position among the texts.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.model.image import Image, Layer
from bot.model.report import ImageReport
from bot.model.size_parts import PartKind, SizePart, SizeTree
from bot.model.sizes import format_size
from bot.report import escape
from bot.report.page import image_facts
from bot.report.page.layer_notes import locate_layer

# Rows of the whole page, and the least number that each of many images has.
_MAX_ROWS, _MIN_ROWS_OF_IMAGE = 6000, 30
_MAX_NAME, _MAX_LABEL = 200, 80
_Row = tuple[str, str, int]  # folder, name, bytes


@dataclass(slots=True)
class _SharedLayer:
    """A layer with its labels, the numbers of its images on the page, and its largest parts."""

    labels: list[tuple[str, str]] = field(default_factory=list)
    images: list[int] = field(default_factory=list)
    rows: set[_Row] = field(default_factory=set)


class _Texts:
    """A list of texts without repetitions."""

    def __init__(self) -> None:
        self._positions: dict[str, int] = {}

    def add(self, text: str) -> int:
        """Return the position of a text, which is added if it is new."""
        return self._positions.setdefault(text, len(self._positions))

    def __iter__(self) -> Iterator[str]:
        return iter(self._positions)


def render_file_search(images: Sequence[ImageReport]) -> str:
    """Render the search with its data; empty if no file is known."""
    index = make_file_index(images)
    if not index:
        return ""
    return (
        '<p class="search" hidden><label for="file-search">Search the largest files</label> '
        '<input id="file-search" type="search" autocomplete="off"> '
        '<output for="file-search" id="file-count"></output></p>\n'
        f'<script type="application/json" id="files">{index}</script>\n'
    )


def make_file_index(images: Sequence[ImageReport]) -> str:
    """Make the data for the search, as JSON without markup; empty if no file is known.

    `layers` are pairs of a label and the numbers of images; `rows` are four numbers for each file:
    its layer, and the positions of its folder, its name and its size; the largest is first.
    """
    layers = [layer for layer in _collect(images).values() if layer.rows]
    if not layers:
        return ""
    texts = _Texts()
    rows = [(position, row) for position, layer in enumerate(layers) for row in layer.rows]
    rows.sort(key=lambda item: (-item[1][2], item[1], item[0]))
    numbers: list[int] = []
    for position, (folder, name, size) in rows:
        numbers += (position, texts.add(folder), texts.add(name), texts.add(format_size(size)))
    names = [image_facts.label(image).text for image in images]
    data = {
        "images": [escape.visible(name, _MAX_NAME) for name in names],
        "layers": [[_choose_label(layer.labels), layer.images] for layer in layers],
        "texts": list(texts),
        "rows": numbers,
    }
    return escape.script_data(json.dumps(data, ensure_ascii=False, separators=(",", ":")))


def _collect(images: Sequence[ImageReport]) -> dict[str, _SharedLayer]:
    """Return all layers with known files by their digest."""
    most = max(_MIN_ROWS_OF_IMAGE, _MAX_ROWS // max(1, len(images)))
    layers: defaultdict[str, _SharedLayer] = defaultdict(_SharedLayer)
    for number, report in enumerate(images, 1):
        head = report.comparison.head
        if head is None or head.size_tree is None:
            continue
        for part, layer in _pair_layers(head, head.size_tree):
            layers[layer.diff_id].labels.append((locate_layer(head, layer.index), part.name))
            layers[layer.diff_id].images.append(number)
        for diff_id, row in _list_largest(head, head.size_tree, most):
            layers[diff_id].rows.add(row)
    return layers


def _list_largest(head: Image, tree: SizeTree, most: int) -> list[tuple[str, _Row]]:
    """Return the largest parts of an image, each with the digest of its layer."""
    rows = [
        (layer.diff_id, row)
        for part, layer in _pair_layers(head, tree)
        for row in _list_parts(part, "")
    ]
    return sorted(rows, key=lambda item: -item[1][2])[:most]


def _pair_layers(head: Image, tree: SizeTree) -> Iterator[tuple[SizePart, Layer]]:
    # A report of somebody else may have a tree that names a layer which its image lacks.
    for part in tree.layers:
        if part.index is not None and part.index < len(head.layers):
            yield part, head.layers[part.index]


def _list_parts(part: SizePart, folder: str) -> Iterator[_Row]:
    """Yield the named files and folders in a part, also those that later layers hide."""
    for below in part.parts:
        if below.kind is PartKind.HIDDEN:
            yield from _list_parts(below, folder)
        elif below.kind is not PartKind.REST:
            name = escape.visible(below.name, _MAX_NAME)
            yield folder, name, below.bytes
            yield from _list_parts(below, f"{folder}/{name}")


def _choose_label(labels: Sequence[tuple[str, str]]) -> str:
    """Return the line and the instruction of a layer; images may have it at different lines."""
    (where, text), *others = labels
    shown = escape.visible(text, _MAX_LABEL)
    return f"{where}: {shown}" if all(other == (where, text) for other in others) else shown
