"""Whose bytes a layer's are: a package's, else the directory's that holds them."""

from collections import Counter
from collections.abc import Mapping, Sequence

from bot.core.entries import OwnerKey
from bot.image.index import LayerIndex


def by_owner(layers: Sequence[LayerIndex]) -> list[Mapping[OwnerKey, int]]:
    """For each layer of a stack, the lowest first, its bytes by owner; they sum to its size."""
    return [_weigh(layer) for layer in layers]


def _weigh(layer: LayerIndex) -> Mapping[OwnerKey, int]:
    sizes: Counter[OwnerKey] = Counter()
    for entry in layer.entries:
        if entry.size:
            sizes[OwnerKey("directory", "/" + entry.path.rpartition("/")[0])] += entry.size
    return sizes
