"""Every shape of an archive reads alike; a broken one is an error with a reason."""

import bz2
import gzip
import io
import lzma
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.image.archives.archive import read_archive
from bot.image.archives.layer_cache import LayerCache
from bot.image.archives.manifest_resolver import ScannedImage
from bot.image.layers.streams import Unreadable
from bot.image.measure import measure_image
from tests.support.tar_world import (
    Part,
    attestation,
    blob_name,
    config,
    descriptor,
    digest,
    encode,
    file,
    image,
    index,
    layer_tar,
    layout,
    legacy,
    oci,
    pack,
    part,
    stored,
)

LAYERS = (
    layer_tar(file("a", 1000), file("b", 50)),
    layer_tar(file(".wh.b"), file("a", 300)),
    layer_tar(),
)
SHAPES: dict[str, Callable[..., io.BytesIO]] = {
    "legacy": legacy,
    "oci plain": oci,
    "oci gzip": lambda *layers, **options: oci(*layers, compression="gzip", **options),
    "oci zstd": lambda *layers, **options: oci(*layers, compression="zstd", **options),
    "oci attested": lambda *layers, **options: oci(
        *layers, compression="gzip", attested=True, **options
    ),
    "oci sha512": lambda *layers, **options: oci(*layers, algorithm="sha512", **options),
    "oci sha512 gzip": lambda *layers: oci(*layers, compression="gzip", algorithm="sha512"),
}
WHOLE: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": lambda data: stored(data, "zstd"),
    "xz": lzma.compress,
    "bzip2": bz2.compress,
}
TAG, FULL_NAME = "org.opencontainers.image.ref.name", "io.containerd.image.name"


class Stream(io.RawIOBase):
    """A stream that cannot seek, as from a pipe; it gives small chunks."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._data.readinto(memoryview(buffer)[:5000])


class Counted(io.BytesIO):
    """A file that counts the bytes read of it."""

    count = 0

    def readinto(self, buffer: Any) -> int:
        count = super().readinto(buffer)
        self.count += count
        return count


def read_both_ways(data: io.BytesIO, *arguments: Any, **options: Any) -> ScannedImage:
    """Return the image, read with equal results from a seekable file and a stream."""
    whole = data.getvalue()
    stream: BinaryIO = Stream(whole)  # type: ignore[assignment]
    scanned = read_archive(stream, *arguments, **options)
    assert read_archive(io.BytesIO(whole), *arguments, **options) == scanned
    return scanned


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_measures_alike(shape: str) -> None:
    measured = measure_image(read_both_ways(SHAPES[shape](*LAYERS)), "x")
    assert [layer.unpacked_bytes for layer in measured.layers] == [1050, 300, 0]
    assert [layer.diff_id for layer in measured.layers] == [digest(layer) for layer in LAYERS]
    assert (measured.unpacked_bytes, measured.filesystem_bytes, measured.wasted_bytes) == (
        1350,
        300,
        1050,
    )
    assert measured.platform == "linux/amd64"


@pytest.mark.parametrize("shape", SHAPES)
def test_a_layer_may_occur_twice(shape: str) -> None:
    same = LAYERS[0]
    assert len(read_both_ways(SHAPES[shape](same, same)).blobs) == 2


@pytest.mark.parametrize(
    ("shape", "exact"), [("oci gzip", True), ("oci zstd", True), ("oci plain", False)]
)
def test_compressed_sizes_are_exact_where_the_blobs_are_compressed(shape: str, exact: bool) -> None:
    measured = measure_image(read_both_ways(SHAPES[shape](*LAYERS)), "x")
    assert measured.compressed_exact is exact
    sizes = [len(stored(layer, shape.removeprefix("oci "))) for layer in LAYERS]
    assert not exact or [layer.compressed_bytes for layer in measured.layers] == sizes


def test_a_plain_layer_among_compressed_ones_is_stored_plain() -> None:
    packed = stored(LAYERS[0], "gzip")
    layers = [descriptor(packed), descriptor(LAYERS[1])]
    scanned = read_both_ways(
        pack(layout(pack_files(*layers, config_of=LAYERS[:2], blobs=(packed, LAYERS[1]))))
    )
    sizes = [(len(packed), True), (len(LAYERS[1]), True)]
    assert [(blob.size, blob.is_exact) for blob in scanned.blobs] == sizes


@pytest.mark.parametrize("compression", WHOLE)
def test_the_archive_may_be_compressed_as_a_whole(compression: str) -> None:
    packed = io.BytesIO(WHOLE[compression](oci(*LAYERS).getvalue()))
    assert read_both_ways(packed) == read_archive(oci(*LAYERS))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_cached_layer_is_not_read_again_from_a_seekable_file(shape: str) -> None:
    large = layer_tar(*(file(f"{number}", 60_000) for number in range(100)))
    data = SHAPES[shape](large, LAYERS[0]).getvalue()
    cache = LayerCache()
    first = read_archive(io.BytesIO(data), layer_cache=cache)
    reader = Counted(data)
    assert read_archive(reader, layer_cache=cache) == first
    assert reader.count < 2_500_000


def test_a_cached_estimate_survives_an_exact_blob() -> None:
    cache = LayerCache()
    first = read_archive(oci(*LAYERS), layer_cache=cache)
    exact = read_archive(oci(*LAYERS, compression="gzip"), layer_cache=cache)
    again = read_archive(oci(*LAYERS), layer_cache=cache)
    assert again == first
    assert [blob.is_exact for blob in exact.blobs] == [True] * 3


def test_a_missing_estimate_is_made() -> None:
    cache = LayerCache()
    read_archive(oci(*LAYERS, compression="gzip"), layer_cache=cache)
    assert read_archive(oci(*LAYERS), layer_cache=cache) == read_archive(oci(*LAYERS))


@pytest.mark.parametrize(
    ("lines", "created_by"),
    [
        pytest.param(None, ["", "", ""], id="none"),
        pytest.param(["-ENV A=1", "RUN b", "RUN c"], ["", "RUN b", "RUN c"], id="too short"),
        pytest.param(["a", "b", "-", "c"], ["a", "b", "c"], id="whole"),
        pytest.param(["a", "b", "c", "d"], ["b", "c", "d"], id="too long"),
    ],
)
def test_the_history_names_the_layers_and_may_lack_its_beginning(
    lines: list[str] | None, created_by: list[str]
) -> None:
    history = [
        {"created_by": line.removeprefix("-"), "empty_layer": line.startswith("-")}
        for line in lines or ()
    ]
    measured = measure_image(read_both_ways(oci(*LAYERS, history=history)), "x")
    assert [layer.created_by for layer in measured.layers] == created_by


def test_the_requested_platform_is_read() -> None:
    arm = image(LAYERS[0], platform="linux/arm64/v8")
    data = pack(layout(index(attestation(), arm, image(LAYERS[1])).without_blobs(LAYERS[1])))
    assert read_both_ways(data, "linux/arm64").platform == "linux/arm64/v8"
    with pytest.raises(Unreadable, match="it has: linux/amd64, linux/arm64/v8"):
        read_archive(data, "linux/s390x")


def test_indexes_may_lie_within_indexes() -> None:
    nested = index(index(index(attestation(), image(*LAYERS))))
    assert read_both_ways(pack(layout(nested))) == read_archive(oci(*LAYERS))


NAMED = layout(
    image(LAYERS[0]).with_annotations(**{TAG: "1", FULL_NAME: "docker.io/library/app:1"}),
    image(LAYERS[1]).with_annotations(**{TAG: "2", FULL_NAME: "docker.io/library/app:2"}),
)


@pytest.mark.parametrize(
    ("selector", "layer"),
    [("1", 0), ("2", 1), ("app:2", 1), ("docker.io/library/app:1", 0), ("@0", 0), ("@1", 1)],
)
def test_an_image_is_selected_by_name_or_position(selector: str, layer: int) -> None:
    scanned = read_both_ways(pack(NAMED), selector=selector)
    assert [blob.layer.diff_id for blob in scanned.blobs] == [digest(LAYERS[layer])]


@pytest.mark.parametrize("selector", ["3", "app:3", "@2", "@", "@-1", "@x", ""])
def test_an_ambiguous_selection_lists_the_images(selector: str) -> None:
    with pytest.raises(Unreadable, match=r"docker\.io/library/app:1, docker\.io/library/app:2"):
        read_archive(pack(NAMED), selector=selector)


def test_images_of_manifest_json_are_selected() -> None:
    members: dict[str, bytes | str] = {"a.tar": LAYERS[0], "b.tar": LAYERS[1]}
    listed = []
    for name, layer in (("a", LAYERS[0]), ("b", LAYERS[1])):
        members[f"{name}.json"] = config([layer])
        entry = {"Config": f"{name}.json", "Layers": [f"{name}.tar"], "RepoTags": [f"{name}:9"]}
        listed.append(entry)
    members["manifest.json"] = encode(listed)
    for selector, layer in (
        ("b:9", LAYERS[1]),
        ("docker.io/library/a:9", LAYERS[0]),
        ("@1", LAYERS[1]),
    ):
        assert read_both_ways(pack(members), selector=selector).blobs[0].layer.diff_id == digest(
            layer
        )
    with pytest.raises(Unreadable, match="holds 2 images: a:9, b:9"):
        read_archive(pack(members))


def test_one_image_with_two_names_needs_no_selector() -> None:
    members = layout(*(image(*LAYERS).with_annotations(**{TAG: name}) for name in "12"))
    assert read_both_ways(pack(members)).blobs


def test_a_blob_that_is_no_layer_may_lie_beside_the_image() -> None:
    members = layout(image(*LAYERS)) | {blob_name(b"?" * 5000): b"?" * 5000}
    assert read_both_ways(pack(members)) == read_archive(oci(*LAYERS))


def test_unrelated_documents_fill_no_memory() -> None:
    notes = [b"[" + b" " * 7_000_000 + b"%d]" % number for number in range(12)]
    many = layout(image(*LAYERS)) | {f"notes/{number}": x for number, x in enumerate(notes)}
    assert read_both_ways(pack(many)) == read_archive(oci(*LAYERS))


def pack_files(
    *layers: dict[str, Any], config_of: tuple[bytes, ...], blobs: tuple[bytes, ...]
) -> Part:
    image_config = config(config_of)
    return part(
        encode({"config": descriptor(image_config), "layers": list(layers)}), image_config, *blobs
    )


def broken() -> dict[str, io.BytesIO]:
    whole = oci(*LAYERS).getvalue()
    first = LAYERS[0]
    good = image(*LAYERS)
    lie = {**descriptor(first), "size": 1}
    strange = {**descriptor(first), "digest": "md5:aa"}
    climbing = {**descriptor(first), "digest": "sha256:../../../etc/passwd"}
    bad_gzip = stored(first, "gzip")[:60] + b"\xff" * 40
    missing = {**descriptor(b"gone"), "urls": ["https://else.where/"], "mediaType": "foreign"}
    ring = index(good)
    for _ in range(20):
        ring = index(ring)
    return {
        "it is no tar": io.BytesIO(b"hello" * 1000),
        "it is empty": io.BytesIO(b""),
        "it is torn": io.BytesIO(whole[: len(whole) // 3]),
        "it is torn and compressed": io.BytesIO(gzip.compress(whole)[:700]),
        "it has no manifest": pack({"a.json": b"{}"}),
        "its manifest is no JSON": pack({"manifest.json": b"[{"}),
        "its manifest is nested without end": pack({"manifest.json": b"[" * 100_000}),
        "it lacks a layer": pack(layout(good.without_blobs(first))),
        "it lacks a foreign layer": pack(
            layout(pack_files(missing, config_of=(first,), blobs=()))
        ),
        "its config names other layers": pack(
            layout(pack_files(descriptor(first), config_of=LAYERS[:2], blobs=(first,)))
        ),
        "its config names another layer": pack(
            layout(pack_files(descriptor(first), config_of=LAYERS[1:2], blobs=(first,)))
        ),
        "it lies about a size": pack(layout(pack_files(lie, config_of=(first,), blobs=(first,)))),
        "its digest is of no known kind": pack(
            layout(pack_files(strange, config_of=(first,), blobs=(first,)))
        ),
        "its digest leads elsewhere": pack(
            layout(pack_files(climbing, config_of=(first,), blobs=(first,)))
        ),
        "its gzip is broken": pack(
            layout(pack_files(descriptor(bad_gzip), config_of=(first,), blobs=(bad_gzip,)))
        ),
        "a blob is not what its name says": pack(layout(good) | {blob_name(first): LAYERS[1]}),
        "a sha512 blob is not what its name says": pack(
            layout(image(*LAYERS, algorithm="sha512")) | {blob_name(first, "sha512"): LAYERS[1]}
        ),
        "a manifest is not what its name says": pack(
            layout(good) | {"blobs/" + good.top["digest"].replace(":", "/"): b"{}"}
        ),
        "it is of schema 1": pack(layout(part(b'{"schemaVersion": 1}'))),
        "it is no image": pack(layout(part(encode({"config": descriptor(b"{}"), "layers": []}), b"{}"))),
        "its indexes never end": pack(layout(ring)),
        "its links go in a circle": pack(
            {"manifest.json": b'[{"Config": "a", "Layers": []}]', "a": "b", "b": "a"}
        ),
        "its manifest has no layers": pack({"manifest.json": b'[{"Config": "a"}]', "a": b"{}"}),
        "its manifest is a number": pack({"manifest.json": b"[7]"}),
        "its index is a list": pack({"index.json": b"[]"}),
        "its index is empty": pack({"index.json": b'{"manifests": []}'}),
    }  # fmt: skip


@pytest.mark.parametrize("name", broken())
def test_a_broken_archive_is_an_error_with_a_reason(name: str) -> None:
    data = broken()[name].getvalue()
    for stream in (io.BytesIO(data), Stream(data)):
        with pytest.raises(Unreadable) as caught:
            read_archive(stream)  # type: ignore[arg-type]
        assert str(caught.value)


@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=8))
def test_damaged_archives_raise_only_unreadable(offset: int, damage: bytes) -> None:
    data = bytearray(oci(*LAYERS, compression="gzip").getvalue())
    offset %= len(data)
    data[offset : offset + len(damage)] = damage
    whole = read_archive(oci(*LAYERS, compression="gzip"))
    with suppress(Unreadable):
        assert read_both_ways(io.BytesIO(bytes(data))).blobs == whole.blobs


def test_an_image_of_no_layers_is_an_image() -> None:
    archive: ScannedImage = read_both_ways(oci())
    assert measure_image(archive, "scratch").unpacked_bytes == 0
