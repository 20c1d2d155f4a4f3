"""The layers that images of an audit have in common."""

from collections.abc import Iterator, Mapping, Sequence

from bot.model.audit import SharedLayers
from bot.model.report import ImageReport

_Layers = Mapping[str, int]  # bytes by diff ID


def find_shared_layers(images: Sequence[ImageReport]) -> list[tuple[SharedLayers, ...]]:
    """Return for each image what it shares with the others, the largest first.

    Layers without bytes are counted only beside others: every image may have them.
    """
    layers = [_list_layers(image) for image in images]
    return [
        tuple(sorted(_list_shared(images, layers, position), key=_sort_key))
        for position in range(len(images))
    ]


def _list_layers(image: ImageReport) -> _Layers:
    head = image.comparison.head
    return {layer.diff_id: layer.unpacked_bytes for layer in head.layers} if head else {}


def _list_shared(
    images: Sequence[ImageReport], layers: Sequence[_Layers], position: int
) -> Iterator[SharedLayers]:
    own = layers[position]
    for other, image in enumerate(images):
        # By diff ID: a store keeps such a layer once, whatever images use it.
        common = own.keys() & layers[other].keys() if other != position else set()
        size = sum(own[diff_id] for diff_id in common)
        if size:
            yield SharedLayers(image.identity, len(common), size)


def _sort_key(shared: SharedLayers) -> tuple[int, str, str, str]:
    identity = shared.image
    return -shared.unpacked_bytes, identity.name, identity.dockerfile, identity.platform or ""
