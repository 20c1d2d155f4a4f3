"""The analysis of an image's layers alone: its file system, and the owner of each byte."""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from bot.image.filesystem.layer_owners import OwnershipTracker
from bot.image.filesystem.union import FileSystem, LayerUnion
from bot.image.layers.layer_index import LayerIndex
from bot.model.files import OwnerKey


class AnalysedLayers(NamedTuple):
    """The file system of a stack of layers, and the bytes by owner of each of them."""

    filesystem: FileSystem
    owners_by_layer: Sequence[Mapping[OwnerKey, int]]


class LayerAnalysis:
    """The analysis of the first layers of an image, which goes on with its other layers.

    Images that begin with the same layers share it: all but the last one go on with a copy.
    """

    def __init__(self, layers: Sequence[LayerIndex] = ()) -> None:
        self._union, self._tracker = LayerUnion(), OwnershipTracker()
        for layer in layers:
            self._union.apply_layer(layer.entries)
        self._owners_by_layer = [self._tracker.add_layer(layer) for layer in layers]

    def copy(self) -> "LayerAnalysis":
        """Return an analysis that can go on with other layers than this one."""
        duplicate = LayerAnalysis()
        duplicate._union, duplicate._tracker = self._union.copy(), self._tracker.copy()
        duplicate._owners_by_layer = self._owners_by_layer.copy()
        return duplicate

    def complete(self, layers: Sequence[LayerIndex]) -> AnalysedLayers:
        """Return the analysis of all layers of an image; this one cannot be used again."""
        further_layers = layers[len(self._owners_by_layer) :]
        for layer in further_layers:
            self._union.apply_layer(layer.entries)
        # The union is taken apart first: it takes as much memory as the owners of large images.
        filesystem = self._union.build_filesystem()
        self._owners_by_layer += [self._tracker.add_layer(layer) for layer in further_layers]
        return AnalysedLayers(filesystem, self._owners_by_layer)


def analyse_common_layers(
    first: Sequence[LayerIndex], second: Sequence[LayerIndex]
) -> LayerAnalysis:
    """Return the analysis of the layers that two images begin with."""
    # By identity: a cache hands out the same index of a layer to both images.
    pairs = zip(first, second, strict=False)
    return LayerAnalysis(
        [before for before, _ in takewhile(lambda pair: pair[0] is pair[1], pairs)]
    )
