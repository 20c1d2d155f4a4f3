"""Layers that hold the same contents, though other instructions made them.

`RUN npm ci` that becomes `RUN --mount=type=cache,target=/root/.npm npm ci` installs what it
installed before.
"""

from collections import Counter
from collections.abc import Sequence

from bot.image.build_history import normalise_created_by
from bot.model.files import DIRECTORY_KIND
from bot.model.image import Layer


def find_successor(before: Layer, candidates: Sequence[Layer]) -> Layer | None:
    """Return the layer that holds most of what `before` held; None if none holds enough of it."""
    shares = [(_sum_shared_bytes(before, layer), layer) for layer in candidates]
    fitting = [(size, layer) for size, layer in shares if size]
    return max(fitting, key=lambda pair: pair[0], default=(0, None))[1]


def _sum_shared_bytes(before: Layer, after: Layer) -> int:
    """Return the bytes that have the same owners in both; 0 if that is too little."""
    old, new = _sum_by_name(before), _sum_by_name(after)
    shared = old & new
    packages = sum(size for (kind, _), size in shared.items() if kind != DIRECTORY_KIND)
    smaller, larger = sorted((before.unpacked_bytes, after.unpacked_bytes))
    if 2 * packages >= smaller > 0:
        return shared.total()
    # A package is the same thing wherever it is; two lines may write unlike files to one folder.
    is_alike = _get_keyword(before) == _get_keyword(after) and 2 * shared.total() >= larger
    return shared.total() if is_alike else 0


def _sum_by_name(layer: Layer) -> Counter[tuple[str, str]]:
    """Return the bytes of a layer by kind and name of the owner, whatever its version."""
    sizes: Counter[tuple[str, str]] = Counter()
    for (kind, name, _), size in layer.owners.items():
        sizes[kind, name] += size
    return sizes


def _get_keyword(layer: Layer) -> str:
    return normalise_created_by(layer.created_by).partition(" ")[0]
