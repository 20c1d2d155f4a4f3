"""The cache of layers, and the keys under which it has them."""

from dataclasses import replace

import pytest

from bot.image.archives.archive import read_archive
from bot.image.archives.blob import Blob
from bot.image.archives.layer_cache import LayerCache
from bot.model.files import HashAlgorithm
from tests.support.tar_world import file, layer_tar, oci

MEASURED, EXACT = (
    read_archive(
        oci(layer_tar(file("a", 900)), compression=how),
        layer_cache=LayerCache(measure_compression=True),
    ).blobs[0]
    for how in ("none", "gzip")
)


def make_cache(*blobs: Blob) -> LayerCache:
    cache = LayerCache()
    for blob in blobs:
        cache.put(blob)
    return cache


def test_a_layer_is_found_by_its_own_digest_and_by_its_blobs() -> None:
    cache = make_cache(EXACT)
    layer = EXACT.layer
    assert cache.get(layer.diff_id) is cache.get_by_blob_digest(EXACT.digest) is layer
    assert cache.get_by_blob_digest(layer.diff_id) is None  # nobody has read the plain blob


@pytest.mark.parametrize("order", [(MEASURED, EXACT), (EXACT, MEASURED)])
def test_a_measured_layer_is_not_replaced(order: tuple[Blob, ...]) -> None:
    assert make_cache(*order).get_by_blob_digest(EXACT.digest) is MEASURED.layer


def test_each_hash_algorithm_has_its_own_index() -> None:
    coarse = replace(MEASURED, layer=replace(MEASURED.layer, hash_algorithm=HashAlgorithm.CRC64))
    cache = make_cache(coarse)
    assert cache.get(MEASURED.digest) is cache.get_by_blob_digest(MEASURED.digest) is None
    assert cache.get(MEASURED.digest, HashAlgorithm.CRC64) is coarse.layer
