"""The analysis of layers that two images share: that of each image alone is the oracle."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.image.layer_analysis import AnalysedLayers, LayerAnalysis, analyse_common_layers
from bot.image.layers.layer_index import LayerIndex, index_layer
from bot.image.layers.tar_scanner import scan_layer
from bot.image.packages.package import Package
from bot.model.files import Entry, EntryKind, HashAlgorithm
from tests.support.layer_stacks import Stack, refused, stacks
from tests.support.random_layers import LAYERS, CountedEntries

LAYER_STACKS = st.lists(LAYERS, max_size=3)


def layer(*entries: Entry, packages: tuple[Package, ...] = ()) -> LayerIndex:
    return index_layer("", entries, HashAlgorithm.XXH3, packages)


def list_everything(analysed: AnalysedLayers) -> object:
    """Return all of an analysis, with the order of each mapping."""
    system = analysed.filesystem
    mappings: tuple[Mapping[Any, Any], ...] = (
        system.tree,
        system.layer_by_path,
        system.directories,
        *analysed.owners_by_layer,
    )
    sums = (system.filesystem_bytes, system.file_count, system.wasted_files, system.wasted_bytes)
    return sums, [list(mapping.items()) for mapping in mappings]


def check_pair(first: Sequence[LayerIndex], second: Sequence[LayerIndex]) -> None:
    common = analyse_common_layers(first, second)
    analysed = common.copy().complete(first), common.complete(second)
    for layers, result in zip((first, second), analysed, strict=True):
        assert list_everything(result) == list_everything(LayerAnalysis().complete(layers))


@given(LAYER_STACKS, LAYER_STACKS, LAYER_STACKS)
def test_images_with_common_layers_are_what_each_is_alone(
    common: list[LayerIndex], first: list[LayerIndex], second: list[LayerIndex]
) -> None:
    check_pair([*common, *first], [*common, *second])


@pytest.mark.parametrize("stack", [*stacks(), *refused()], ids=lambda stack: stack.name)
def test_named_stacks_share_any_number_of_layers(stack: Stack) -> None:
    """Identical images, one that is a prefix of the other, and no common layer are among them."""
    layers = [scan_layer(io.BytesIO(tar)) for tar in stack.layers[:10]]
    for count in range(len(layers) + 1):
        check_pair(layers, layers[:count])
        check_pair(layers[:count], layers)
        check_pair(layers, [*layers[:count], *layers[:count:-1]])


def test_common_layers_are_read_once() -> None:
    entries = CountedEntries([Entry("a", EntryKind.FILE, 5)])
    common = index_layer("", entries, HashAlgorithm.XXH3)
    others = [layer(Entry(path, EntryKind.FILE, 7)) for path in "ab"]
    entries.readings = 0
    LayerAnalysis().complete([common, others[0]])
    readings_alone, entries.readings = entries.readings, 0
    shared = analyse_common_layers([common, others[0]], [common, others[1]])
    shared.copy().complete([common, others[0]])
    shared.complete([common, others[1]])
    assert entries.readings == readings_alone


CURL = Package("deb", "curl", "8", ("lib/curl",))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(
            layer(packages=(Package("deb", "curl", "9"),)),
            layer(Entry("lib/curl", EntryKind.FILE, 5)),
            id="an upgrade",
        ),
        pytest.param(
            layer(Entry("lib", EntryKind.SYMLINK, 0, link="usr/lib")),
            layer(Entry("usr/lib/curl", EntryKind.FILE, 5)),
            id="a link among folders",
        ),
    ],
)
def test_the_second_image_knows_nothing_of_the_first(first: LayerIndex, second: LayerIndex) -> None:
    common = layer(packages=(CURL,))
    check_pair([common, first], [common, second])
