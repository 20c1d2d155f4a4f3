"""Layers made of a few files and scanned like real ones."""

import io
from pathlib import Path

from bot.image.layer_analysis import LayerAnalysis
from bot.image.layers.layer_index import LayerIndex
from bot.image.layers.tar_scanner import scan_layer
from bot.image.packages.package import Package
from bot.model.files import OwnerKey
from tests.support.tar_world import Item, layer_tar

DATA = Path(__file__).with_name("data")

Files = dict[str, str | bytes]


def layer(files: Files, *items: Item, mode: int = 0o644) -> LayerIndex:
    """Return a layer of files, given as text or bytes by path, and of other tar items."""
    file_items = [Item(path, _bytes(content), mode=mode) for path, content in files.items()]
    return scan_layer(io.BytesIO(layer_tar(*file_items, *items)))


def data(name: str) -> bytes:
    """Return a file of the folder `data`."""
    return (DATA / name).read_bytes()


def list_packages(files: Files, mode: int = 0o644) -> list[Package]:
    """Return the packages that the files of one layer name."""
    return list(layer(files, mode=mode).packages)


def versions(index: LayerIndex) -> dict[str, str | None]:
    """Return the packages of a layer, name to version."""
    return {package.name: package.version for package in index.packages}


def owned(*layers: LayerIndex) -> list[dict[str, int]]:
    """Return each layer's bytes by owner, as in `deb curl 8.1`; the sums are checked."""
    sizes_by_layer = LayerAnalysis().complete(layers).owners_by_layer
    for index, sizes in zip(layers, sizes_by_layer, strict=True):
        assert sum(sizes.values()) == index.unpacked_bytes
    return [{_label(owner): size for owner, size in sizes.items()} for sizes in sizes_by_layer]


def _label(owner: OwnerKey) -> str:
    return " ".join(filter(None, owner))


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
