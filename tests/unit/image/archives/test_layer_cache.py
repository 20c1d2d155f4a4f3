"""What is known of layers, and under which names it is found again."""

from dataclasses import replace

import pytest

from bot.image.archives.archive import read_archive
from bot.image.archives.blob import Blob
from bot.image.archives.layer_cache import Shelf
from bot.model.files import Identity
from tests.support.tar_world import file, layer_tar, oci

GAUGED, EXACT = (
    read_archive(oci(layer_tar(file("a", 900)), compression=how), shelf=Shelf(gauged=True)).blobs[0]
    for how in ("none", "gzip")
)


def shelf_of(*blobs: Blob) -> Shelf:
    shelf = Shelf()
    for blob in blobs:
        shelf.put(blob)
    return shelf


def test_a_layer_is_found_by_its_own_digest_and_by_its_blobs() -> None:
    shelf = shelf_of(EXACT)
    layer = EXACT.layer
    assert shelf.find(layer.diff_id) is shelf.find_blob(EXACT.digest) is layer
    assert shelf.find_blob(layer.diff_id) is None  # nobody has read the plain blob


@pytest.mark.parametrize("order", [(GAUGED, EXACT), (EXACT, GAUGED)])
def test_what_was_gauged_stays(order: tuple[Blob, ...]) -> None:
    assert shelf_of(*order).find_blob(EXACT.digest) is GAUGED.layer


def test_contents_that_are_told_apart_otherwise_are_another_layer() -> None:
    coarse = replace(GAUGED, layer=replace(GAUGED.layer, identity=Identity.CRC64))
    shelf = shelf_of(coarse)
    assert shelf.find(GAUGED.digest) is shelf.find_blob(GAUGED.digest) is None
    assert shelf.find(GAUGED.digest, Identity.CRC64) is coarse.layer
