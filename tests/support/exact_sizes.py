"""The sizes of the layer stacks, measured by us and by the standard library's tarfile."""

import io
import tarfile
from collections.abc import Iterator, Mapping, Sequence

from bot.adapters.image_sources import ImageSources
from bot.image.archives.archive import read_archive
from bot.image.archives.layer_cache import LayerCache
from bot.image.measure import measure_image
from bot.model.image import Image
from tests.support.layer_stacks import Stack, stacks
from tests.support.tar_world import Document, legacy

STACKS = stacks()


def measure_stack(stack: Stack) -> Image:
    """Return the image of a stack in a legacy archive, the reference for other sources."""
    history = make_history(stack.layers)
    return measure_image(read_archive(legacy(*stack.layers, history=history)), "x")


def make_history(layers: Sequence[bytes]) -> list[Document]:
    return [{"created_by": f"layer {number}"} for number in range(len(layers))]


def read_image(reference: str, environment: Mapping[str, str] = {}) -> Image:
    return measure_image(ImageSources(environment).read(reference, None, LayerCache()), "x")


def comparable_sizes(image: Image) -> object:
    """Return the sizes that must not depend on the source of an image."""
    layers = [(x.diff_id, x.unpacked_bytes, x.files, x.wasted_bytes) for x in image.layers]
    return image.image_id, image.filesystem_bytes, image.files, layers, sorted(image.tree)


def sum_by_tarfile(layers: Sequence[bytes]) -> list[int]:
    """Return the bytes of the regular files in each layer, without whiteouts."""
    return [
        sum(member.size for member in read_members(layer) if _is_counted(member))
        for layer in layers
    ]


def read_members(layer: bytes) -> Iterator[tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
        yield from tar


def _is_counted(member: tarfile.TarInfo) -> bool:
    return member.isreg() and not member.name.rpartition("/")[2].startswith(".wh.")
