"""All sources of one image alike; a broken archive is an error with a reason."""

import gzip
import io
import json
from collections.abc import Callable

import pytest

from bot.image.archive import read_archive
from bot.image.layout import Archive
from bot.image.measure import measure
from bot.image.shelf import Shelf
from bot.image.streams import Unreadable
from tests.image.archives import (
    blob_name,
    config,
    descriptor,
    digest,
    file,
    layer_tar,
    legacy,
    oci,
    pack,
)

LAYERS = (
    layer_tar(file("a", 1000), file("b", 50)),
    layer_tar(file(".wh.b"), file("a", 300)),
    layer_tar(),
)
SHAPES: dict[str, Callable[..., io.BytesIO]] = {
    "legacy": legacy,
    "oci plain": oci,
    "oci gzip": lambda *layers, **more: oci(*layers, compression="gzip", **more),
    "oci zstd": lambda *layers, **more: oci(*layers, compression="zstd", **more),
    "oci attested": lambda *layers, **more: oci(*layers, compression="gzip", attested=True, **more),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_measures_alike(shape: str) -> None:
    image = measure(read_archive(SHAPES[shape](*LAYERS)), "x")
    assert [layer.unpacked_bytes for layer in image.layers] == [1050, 300, 0]
    assert [layer.diff_id for layer in image.layers] == [digest(layer) for layer in LAYERS]
    assert (image.unpacked_bytes, image.filesystem_bytes, image.wasted_bytes) == (1350, 300, 1050)
    assert image.platform == "linux/amd64"


@pytest.mark.parametrize("shape", SHAPES)
def test_a_layer_may_stand_in_an_image_twice(shape: str) -> None:
    same = LAYERS[0]
    assert len(read_archive(SHAPES[shape](same, same)).blobs) == 2


@pytest.mark.parametrize(
    ("shape", "exact"), [("oci gzip", True), ("oci zstd", True), ("oci plain", False)]
)
def test_compressed_sizes_are_exact_where_the_blobs_are_compressed(shape: str, exact: bool) -> None:
    image = measure(read_archive(SHAPES[shape](*LAYERS)), "x")
    assert image.compressed_exact is exact


def test_the_archive_may_be_compressed_as_a_whole() -> None:
    packed = io.BytesIO(gzip.compress(oci(*LAYERS).getvalue()))
    assert read_archive(packed) == read_archive(oci(*LAYERS))


def test_known_blobs_are_not_scanned_again() -> None:
    shelf = Shelf()
    first = read_archive(oci(*LAYERS), shelf=shelf)
    again = read_archive(oci(*LAYERS), shelf=shelf)
    pairs = zip(again.blobs, first.blobs, strict=True)
    assert [blob.layer is old.layer for blob, old in pairs] == [True] * 3


def test_the_history_names_the_layers_and_may_lack_its_beginning() -> None:
    history = [
        {"created_by": "ENV A=1", "empty_layer": True},
        {"created_by": "RUN b"},
        {"created_by": "RUN c"},
    ]
    image = measure(read_archive(oci(*LAYERS, history=history)), "x")
    assert [layer.created_by for layer in image.layers] == ["", "RUN b", "RUN c"]


def test_of_several_platforms_the_one_asked_for() -> None:
    about = config(LAYERS[:1], platform="linux/arm64/v8")
    manifest = json.dumps({"config": descriptor(about), "layers": [descriptor(LAYERS[0])]}).encode()
    arm = {"os": "linux", "architecture": "arm64", "variant": "v8"}
    members: dict[str, bytes | str] = {blob_name(x): x for x in (LAYERS[0], about, manifest)}
    entries = [
        descriptor(b"", platform={"os": "linux", "architecture": "amd64"}),
        descriptor(manifest, platform=arm),
    ]
    members["index.json"] = json.dumps({"manifests": entries}).encode()
    assert read_archive(pack(members), "linux/arm64/v8").blobs
    with pytest.raises(Unreadable, match="it has: linux/amd64, linux/arm64/v8"):
        read_archive(pack(members), "linux/s390x")


def broken() -> dict[str, io.BytesIO]:
    whole = oci(*LAYERS).getvalue()
    lying = config(LAYERS[:2])
    manifest = json.dumps({"config": descriptor(lying), "layers": [descriptor(LAYERS[0])]}).encode()
    index = json.dumps({"manifests": [descriptor(manifest)]}).encode()
    wrong_name = blob_name(b"something else")
    return {
        "it is no tar": io.BytesIO(b"hello" * 1000),
        "it is empty": io.BytesIO(b""),
        "it is torn": io.BytesIO(whole[: len(whole) // 3]),
        "it has no manifest": pack({"a.json": b"{}"}),
        "its manifest is no JSON": pack({"manifest.json": b"[{"}),
        "it lacks a layer": pack(
            {"index.json": index, blob_name(manifest): manifest, blob_name(lying): lying}
        ),
        "its config names other layers": pack(
            {
                "index.json": index,
                blob_name(manifest): manifest,
                blob_name(lying): lying,
                blob_name(LAYERS[0]): LAYERS[0],
            }
        ),
        "a blob is not what its name says": pack({wrong_name: LAYERS[0], "index.json": index}),
        "its links go in a circle": pack(
            {"manifest.json": b'[{"Config": "a", "Layers": []}]', "a": "b", "b": "a"}
        ),
        "its manifest has no layers": pack({"manifest.json": b'[{"Config": "a"}]', "a": b"{}"}),
        "its manifest is a number": pack({"manifest.json": b"[7]"}),
        "its index is a list": pack({"index.json": b"[]"}),
    }


@pytest.mark.parametrize("name", broken())
def test_a_broken_archive_is_an_error_with_a_reason(name: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_archive(broken()[name])
    assert str(caught.value)


def test_an_image_of_no_layers_is_an_image() -> None:
    archive: Archive = read_archive(oci())
    assert measure(archive, "scratch").unpacked_bytes == 0
