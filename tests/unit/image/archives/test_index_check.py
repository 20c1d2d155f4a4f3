"""A kept index is believed as far as the image agrees with it."""

import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.image.archives.index_check import agree_with_total, agrees_with_blob, sum_link_bytes
from bot.image.layers.layer_index import LayerIndex, index_layer
from bot.image.layers.tar_scanner import scan_layer
from bot.model.files import Entry, EntryKind, HashAlgorithm
from tests.support.tar_world import Item, file, folder, hardlink, layer_tar, stored, symlink

NOISE = random.Random(1).randbytes(500_000)


def make_index(*sizes: int, links: int = 0) -> LayerIndex:
    entries = [Entry(str(number), EntryKind.FILE, size) for number, size in enumerate(sizes)]
    link = Entry("l", EntryKind.SYMLINK, 0, link="x" * links)
    return index_layer("d", [*entries, *([link] if links else [])], HashAlgorithm.XXH3)


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 300)), max_size=30))
def test_every_layer_agrees_with_its_own_blob(files: list[tuple[int, int]]) -> None:
    items = [Item("n" * length + str(at), NOISE[:size]) for at, (size, length) in enumerate(files)]
    tar = layer_tar(*items, folder("d"), symlink("l", "x" * 200), hardlink("h", "d"))
    index = scan_layer(io.BytesIO(tar))
    assert agrees_with_blob(index, len(tar), is_plain=True)
    for compression in ("gzip", "zstd"):
        assert agrees_with_blob(index, len(stored(tar, compression)), is_plain=False)


def test_an_index_of_nothing_contradicts_a_blob_that_holds_something() -> None:
    size = len(layer_tar(file("0", 500_000)))
    assert not agrees_with_blob(make_index(0), size, is_plain=True)
    assert not agrees_with_blob(make_index(0), len(NOISE), is_plain=False)
    assert not agrees_with_blob(make_index(), len(NOISE), is_plain=False)


@pytest.mark.parametrize("size", [0, 100_000, 400_000, 600_000])
def test_another_size_contradicts_a_plain_blob(size: int) -> None:
    blob_bytes = len(layer_tar(file("0", 500_000)))
    assert not agrees_with_blob(make_index(size), blob_bytes, is_plain=True)


def test_layers_agree_with_the_total_of_their_files() -> None:
    layers = [make_index(100, links=7), make_index(50, links=11)]
    assert [sum_link_bytes(layer.entries) for layer in layers] == [7, 11]
    for total in (150, 157, 161, 168):  # the engine counts the links of some layers
        assert agree_with_total(layers, total)
    for total in (0, 149, 151, 169, 200):
        assert not agree_with_total(layers, total)


def test_links_do_not_stand_for_the_bytes_of_files() -> None:
    assert agree_with_total([make_index(links=1 << 20)], 1 << 20)
    assert not agree_with_total([make_index(links=(1 << 20) + 1)], (1 << 20) + 1)
