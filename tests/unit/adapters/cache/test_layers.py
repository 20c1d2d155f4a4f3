"""Kept indexes: the same when read again, and as good as not there when anything is wrong."""

import io
import os
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.cache.folder import find_cache_folder
from bot.adapters.cache.layers import FolderLayerStore
from bot.image.archives.archive import read_archive
from bot.image.archives.blob import Blob
from bot.image.archives.layer_cache import LayerCache
from bot.image.layers.index_codec import FORMAT_VERSION
from bot.image.layers.layer_index import LayerIndex
from bot.image.layers.tar_scanner import scan_layer
from bot.image.packages.package import Package
from bot.model.files import HashAlgorithm
from tests.support.tar_world import file, folder, hardlink, layer_tar, legacy, oci, symlink


def index(*items: object) -> LayerIndex:
    return scan_layer(io.BytesIO(layer_tar(*items)))  # type: ignore[arg-type]


LAYER = index(
    folder("d"), file("d/a", 5), hardlink("b", "d/a"), symlink("c", "a"), file("caf\udce9", 2)
)


@pytest.fixture
def cache(tmp_path: Path) -> FolderLayerStore:
    return FolderLayerStore(tmp_path)


def store_layer(cache: FolderLayerStore, layer: LayerIndex = LAYER) -> Path:
    cache.save(Blob.from_estimate(layer))
    return cache._folder.path_of(f"{layer.diff_id}.{layer.hash_algorithm.value}")


def test_a_layer_is_the_same_when_it_is_read_again(cache: FolderLayerStore) -> None:
    package = Package("npm", "x", "1", ("d/a",), ("d",), {"d/a": 3})
    layer = replace(LAYER, packages=(package,), gzip_bytes=77, measured_compression=True)
    store_layer(cache, layer)
    assert cache.load(layer.diff_id, HashAlgorithm.XXH3) == layer


def test_different_hash_algorithms_have_different_records(cache: FolderLayerStore) -> None:
    store_layer(cache)
    assert cache.load(LAYER.diff_id, HashAlgorithm.CRC64) is None


@pytest.mark.parametrize("at", [0, 31, 32, 60, -1])
def test_a_damaged_record_is_ignored(cache: FolderLayerStore, at: int) -> None:
    path = store_layer(cache)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    assert cache.load(LAYER.diff_id, HashAlgorithm.XXH3) is None


def test_a_record_under_another_layers_name_is_ignored(cache: FolderLayerStore) -> None:
    other = index(file("x", 1))
    store_layer(cache).rename(cache._folder.path_of(f"{other.diff_id}.xxh3"))
    assert cache.load(other.diff_id, HashAlgorithm.XXH3) is None


def test_a_truncated_or_empty_record_is_ignored(cache: FolderLayerStore) -> None:
    path = store_layer(cache)
    whole = path.read_bytes()
    assert len(whole) > 11
    for size in (0, 10, len(whole) - 1):
        path.write_bytes(whole[:size])
        assert cache.load(LAYER.diff_id, HashAlgorithm.XXH3) is None


def test_blobs_that_were_read_are_not_read_again(tmp_path: Path) -> None:
    layers = [layer_tar(file("a", 5)), layer_tar(file("b", 7))]
    for shape in (oci(*layers, compression="gzip"), legacy(*layers)):
        first = read_archive(
            io.BytesIO(shape.getvalue()), layer_cache=LayerCache(FolderLayerStore(tmp_path))
        )
        again = read_archive(
            io.BytesIO(shape.getvalue()), layer_cache=LayerCache(FolderLayerStore(tmp_path))
        )
        assert again == first
    names = sorted(path.name.rpartition(".")[2] for path in tmp_path.rglob("*") if path.is_file())
    assert names == ["diff_id", "diff_id", "xxh3", "xxh3"]


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store_layer(FolderLayerStore(tmp_path / "file"))


def test_the_least_recently_used_record_is_pruned_first(
    cache: FolderLayerStore, tmp_path: Path
) -> None:
    old, new = store_layer(cache), store_layer(cache, index(file("y", 1)))
    giant = tmp_path / f"layers-v{FORMAT_VERSION}" / "giant"
    with giant.open("wb") as sparse:
        sparse.truncate(450_000_000)
    other = tmp_path / f"layers-v{FORMAT_VERSION}" / "other"
    with other.open("wb") as sparse:
        sparse.truncate(60_000_000)
    for age, path in enumerate((new, old, other, giant)):
        os.utime(path, (10_000 - age, 10_000 - age))
    store_layer(FolderLayerStore(tmp_path), index(file("z", 1)))
    assert [path.exists() for path in (giant, other, old, new)] == [False, True, True, True]


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"IMAGE_SIZE_REVIEW_CACHE": "/c", "HOME": "/h"}, "/c"),
        ({"IMAGE_SIZE_REVIEW_CACHE": "", "HOME": "/h"}, None),
        ({"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/image-size-review"),
        ({"HOME": "/h"}, "/h/.cache/image-size-review"),
        ({}, None),
    ],
)
def test_the_environment_chooses_the_cache_folder(
    environment: dict[str, str], folder: str | None
) -> None:
    cache_folder = find_cache_folder(environment)
    assert (str(cache_folder) if cache_folder else None) == folder
