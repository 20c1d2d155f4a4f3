"""Kept indexes: the same when read again, and as good as not there when anything is wrong."""

import hashlib
import io
import json
import os
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

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
from tests.support.tar_world import Item, file, folder, hardlink, layer_tar, legacy, oci, symlink

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


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


NOISE = random.Random(1).randbytes(300_000)
FILES = (Item("a", NOISE), Item("b", NOISE[:5000]))


def forge(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change what the records say, and make their digests right."""
    for path in folder.rglob("*.xxh3"):
        document = json.loads(zstd.decompress(path.read_bytes()[32:]))
        change(document)
        body = zstd.compress(json.dumps(document).encode())
        path.write_bytes(hashlib.sha256(body).digest() + body)


@pytest.mark.parametrize("shape", ["legacy", "plain", "gzip", "zstd"])
@pytest.mark.parametrize("sizes", [[0, 0], [1, 0], [300_000]])
def test_a_forged_record_that_the_blob_contradicts_is_read_anew(
    shape: str, sizes: list[int], tmp_path: Path
) -> None:
    layer = layer_tar(*FILES)
    archive = legacy(layer) if shape == "legacy" else oci(layer, compression=shape)

    def read() -> int:
        cache = LayerCache(FolderLayerStore(tmp_path))
        scanned = read_archive(io.BytesIO(archive.getvalue()), layer_cache=cache)
        return scanned.blobs[0].layer.unpacked_bytes

    assert read() == 305_000
    forge(tmp_path, lambda document: document.update(sizes=sizes))
    assert read() == 305_000


def test_a_record_of_another_layer_is_read_anew(tmp_path: Path) -> None:
    first_archive, second_archive = (
        oci(layer_tar(file(name, 5)), compression="gzip") for name in "ab"
    )
    for archive in (first_archive, second_archive):
        read_archive(archive, layer_cache=LayerCache(FolderLayerStore(tmp_path)))
    first, second = sorted(tmp_path.rglob("*.diff_id"))
    first.write_bytes(second.read_bytes())
    for archive in (first_archive, second_archive):
        archive.seek(0)
        read_archive(archive, layer_cache=LayerCache(FolderLayerStore(tmp_path)))


FORGERIES: dict[str, Callable[[dict[str, Any]], object]] = {
    "negative size": lambda record: record["sizes"].__setitem__(1, -5),
    "huge size": lambda record: record["sizes"].__setitem__(1, 1 << 61),
    "size as text": lambda record: record["sizes"].__setitem__(1, "5"),
    "size as fraction": lambda record: record["sizes"].__setitem__(1, 5.0),
    "size as truth": lambda record: record["sizes"].__setitem__(1, True),
    "size of a folder": lambda record: record["sizes"].__setitem__(0, 5),
    "path as number": lambda record: record["paths"].__setitem__(1, 5),
    "path as list": lambda record: record["paths"].__setitem__(1, []),
    "missing path": lambda record: record["paths"].pop(),
    "content as null": lambda record: record["contents"].__setitem__(1, None),
    "link as number": lambda record: record["links"].update({"1": 5}),
    "mode as text": lambda record: record["rights"][0].__setitem__(1, "5"),
    "right from the end": lambda record: record["right"].__setitem__(1, -1),
    "right too high": lambda record: record["right"].__setitem__(1, 99),
    "kind that is none": lambda record: record["rights"][0].__setitem__(0, "x"),
    "estimate without bound": lambda record: record.update(deflated=1 << 61),
    "negative estimate": lambda record: record.update(deflated=-1),
    "error without bound": lambda record: record.update(deflated_error=float("inf")),
    "error that is no number": lambda record: record.update(deflated_error=float("nan")),
    "package with a number": lambda record: record.update(packages=[["npm", 5, None, [], [], {}]]),
    "package with a mapping": lambda record: record.update(
        packages=[["npm", "a", None, {}, [5], {}]]
    ),
    "package of a text": lambda record: record.update(
        packages=[["npm", "a", None, [], [], {"a": "5"}]]
    ),
    "list": lambda record: record.update(paths={}),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_value_is_as_good_as_no_record(
    name: str, cache: FolderLayerStore, tmp_path: Path
) -> None:
    store_layer(cache)
    assert cache.load(LAYER.diff_id, HashAlgorithm.XXH3) == LAYER
    forge(tmp_path, FORGERIES[name])
    assert cache.load(LAYER.diff_id, HashAlgorithm.XXH3) is None


@pytest.mark.parametrize("text", [b"", b"[]", b"5", b"\xff", b"[" * 100_000])
def test_a_forged_record_of_another_shape_is_as_good_as_none(
    cache: FolderLayerStore, text: bytes
) -> None:
    path, body = store_layer(cache), zstd.compress(text)
    path.write_bytes(hashlib.sha256(body).digest() + body)
    assert cache.load(LAYER.diff_id, HashAlgorithm.XXH3) is None


def test_what_follows_from_the_entries_is_derived_anew(
    cache: FolderLayerStore, tmp_path: Path
) -> None:
    store_layer(cache)
    forge(tmp_path, lambda document: document.update(files=99, content_id="xxh3:same"))
    assert cache.load(LAYER.diff_id, HashAlgorithm.XXH3) == LAYER


@pytest.mark.parametrize("unit", [b"[],", b"0,"])
def test_a_record_of_a_gigabyte_is_not_parsed(unit: bytes, cache: FolderLayerStore) -> None:
    body = zstd.compress(b"[" + unit * (400_000_000 // len(unit)), 1)
    path = store_layer(cache)
    path.write_bytes(hashlib.sha256(body).digest() + body)
    assert cache.load(LAYER.diff_id, HashAlgorithm.XXH3) is None


def test_a_record_that_is_no_file_is_ignored(cache: FolderLayerStore, tmp_path: Path) -> None:
    path = store_layer(cache)
    target = path.rename(tmp_path / "elsewhere")
    path.symlink_to(target)
    assert cache.load(LAYER.diff_id, HashAlgorithm.XXH3) is None
    path.unlink()
    os.mkfifo(path)
    assert cache.load(LAYER.diff_id, HashAlgorithm.XXH3) is None


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
