"""What is known of layers, and under which names it is found again."""

from dataclasses import replace

import pytest

from bot.image.archives.archive import read_archive
from bot.image.archives.blob import Blob
from bot.image.archives.layer_cache import LayerCache
from bot.model.files import HashAlgorithm
from tests.support.tar_world import file, layer_tar, oci

GAUGED, EXACT = (
    read_archive(
        oci(layer_tar(file("a", 900)), compression=how),
        layer_cache=LayerCache(measure_compression=True),
    ).blobs[0]
    for how in ("none", "gzip")
)


def shelf_of(*blobs: Blob) -> LayerCache:
    shelf = LayerCache()
    for blob in blobs:
        shelf.put(blob)
    return shelf


def test_a_layer_is_found_by_its_own_digest_and_by_its_blobs() -> None:
    shelf = shelf_of(EXACT)
    layer = EXACT.layer
    assert shelf.get(layer.diff_id) is shelf.get_by_blob_digest(EXACT.digest) is layer
    assert shelf.get_by_blob_digest(layer.diff_id) is None  # nobody has read the plain blob


@pytest.mark.parametrize("order", [(GAUGED, EXACT), (EXACT, GAUGED)])
def test_what_was_gauged_stays(order: tuple[Blob, ...]) -> None:
    assert shelf_of(*order).get_by_blob_digest(EXACT.digest) is GAUGED.layer


def test_contents_that_are_told_apart_otherwise_are_another_layer() -> None:
    coarse = replace(GAUGED, layer=replace(GAUGED.layer, hash_algorithm=HashAlgorithm.CRC64))
    shelf = shelf_of(coarse)
    assert shelf.get(GAUGED.digest) is shelf.get_by_blob_digest(GAUGED.digest) is None
    assert shelf.get(GAUGED.digest, HashAlgorithm.CRC64) is coarse.layer
