"""Images in folders and files; those of a registry are in tests/integration/registry."""

import os
from pathlib import Path

import pytest

from bot.adapters.image_sources import ImageSources
from bot.errors import EngineUnavailableError, InputError
from bot.image.archives.blob import Blob
from bot.image.archives.layer_cache import LayerCache
from bot.image.archives.manifest_resolver import ScannedImage
from bot.image.layers.layer_index import LayerIndex
from bot.image.layers.streams import Unreadable
from bot.model.files import HashAlgorithm
from tests.support.tar_world import (
    attestation,
    blob_name,
    digest,
    file,
    image,
    index,
    layer_tar,
    layout,
    pack,
    unpack,
)

LAYERS = (layer_tar(file("a", 1000), file("b", 50)), layer_tar(file(".wh.b")))
TAG = "org.opencontainers.image.ref.name"
NAMED = layout(
    *(image(layer).with_annotations(**{TAG: tag}) for layer, tag in zip(LAYERS, "12", strict=True))
)


def read(reference: str, platform: str | None = None) -> ScannedImage:
    return ImageSources({}).read(reference, platform, LayerCache())


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_an_oci_layout_reads_like_its_archive(compression: str, tmp_path: Path) -> None:
    members = layout(index(attestation(), image(*LAYERS, compression=compression)))
    (tmp_path / "saved.tar").write_bytes(pack(members).getvalue())
    layout_image = read(f"oci:{unpack(members, tmp_path / 'layout')}")
    archive_image = read(f"oci-archive:{tmp_path}/saved.tar")
    assert (layout_image.read_method, archive_image.read_method) == ("layout", "archive")
    assert (layout_image.image_id, layout_image.blobs) == (
        archive_image.image_id,
        archive_image.blobs,
    )


def test_an_oci_layout_of_several_images(tmp_path: Path) -> None:
    unpack(NAMED, tmp_path)
    assert read(f"oci:{tmp_path}:2").blobs[0].layer.diff_id == digest(LAYERS[1])
    with pytest.raises(Unreadable, match="no image '3'"):
        read(f"oci:{tmp_path}:3")


def test_a_link_out_of_the_layout_counts_as_missing(tmp_path: Path) -> None:
    members = layout(image(*LAYERS))
    name = blob_name(LAYERS[0])
    (tmp_path / "outside").write_bytes(LAYERS[0])
    members[name] = str(tmp_path / "outside")
    with pytest.raises(Unreadable, match="is missing"):
        read(f"oci:{unpack(members, tmp_path / 'layout')}")


def test_a_link_within_the_layout_is_followed(tmp_path: Path) -> None:
    members = layout(image(*LAYERS))
    members["kept"], members[blob_name(LAYERS[0])] = LAYERS[0], "../../kept"
    assert read(f"oci:{unpack(members, tmp_path)}").blobs


@pytest.mark.parametrize("reference", ["oci:/no/where", "oci-archive:/no/where", "dir:/tmp"])
def test_missing_and_unsupported_sources(reference: str) -> None:
    with pytest.raises(InputError):
        read(reference)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "index.json")
    with pytest.raises(InputError, match="is not an OCI layout"):
        read(f"oci:{tmp_path}")


def test_a_circular_link_is_not_a_layout(tmp_path: Path) -> None:
    (tmp_path / "index.json").symlink_to("index.json")
    with pytest.raises(InputError, match="is not an OCI layout"):
        read(f"oci:{tmp_path}")


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_path_without_its_transport_gets_a_hint(what: str, tmp_path: Path) -> None:
    path = tmp_path / "b.tar"
    if what == "file":
        path.write_bytes(b"")
    else:
        path.mkdir()
        (path / "index.json").write_text("{}")
    with pytest.raises(InputError, match=f"is a {what}, not an image of the engine") as caught:
        ImageSources({"DOCKER_HOST": f"unix://{tmp_path}/none"}).read(str(path), None, LayerCache())
    transport = "docker-archive" if what == "file" else "oci"
    assert f"write {transport}:{path}" in caught.value.fix
    assert caught.value.why == "a name without a transport is looked up in the engine"


def test_an_archive_that_is_not_there_is_named_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"The archive '.*none.tar' cannot be read") as caught:
        read(f"docker-archive:{tmp_path}/none.tar")
    assert caught.value.why == f"'{tmp_path}/none.tar': No such file or directory"


def test_a_path_that_does_not_exist_is_an_image_name(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailableError):
        ImageSources({"DOCKER_HOST": f"unix://{tmp_path}/none"}).read("b.tar", None, LayerCache())


class CountingStore:
    """A store that has nothing, and counts what it is given."""

    def __init__(self) -> None:
        self.saved = 0

    def load(self, diff_id: str, hash_algorithm: HashAlgorithm) -> LayerIndex | None:
        return None

    def get_diff_id(self, digest: str) -> str:
        return ""

    def save(self, blob: Blob) -> None:
        self.saved += 1


@pytest.mark.parametrize("transport", ["oci", "oci-archive"])
def test_trusted_digests_are_not_checked_and_the_layers_not_kept(
    transport: str, tmp_path: Path
) -> None:
    """One byte of the layer is another one than its digest says."""
    layer = layer_tar(file("a", 1000))
    members = layout(image(layer))
    changed = bytearray(layer)
    changed[600] ^= 1
    members[blob_name(layer)] = bytes(changed)
    path = tmp_path / "saved.tar"
    path.write_bytes(pack(members).getvalue())
    folder = unpack(members, tmp_path / "layout")
    reference = f"oci:{folder}" if transport == "oci" else f"oci-archive:{path}"
    store = CountingStore()
    cache = LayerCache(store)
    cache.trusts_digests = True
    (blob,) = ImageSources({}).read(reference, None, cache).blobs
    assert (blob.layer.diff_id, blob.layer.unpacked_bytes) == (digest(layer), 1000)
    assert store.saved == 0
    with pytest.raises(Unreadable, match="match its digest"):
        read(reference)
