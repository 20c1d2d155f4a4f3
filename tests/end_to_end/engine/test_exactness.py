"""One number: every source of an image gives the same sizes, and they are the ones they claim to be.

Held against the standard library's tarfile, `docker history`, a container's files, and the blobs.
"""

import io
import json
import tarfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from bot.adapters.image_sources import ImageSources
from bot.image.archives.archive import read_archive
from bot.image.archives.layer_cache import LayerCache
from bot.image.measure import measure_image
from bot.model.image import Image
from tests.support.command import ROOT
from tests.support.engine import PrivateEngine
from tests.support.layer_stacks import Stack, refused, stacks
from tests.support.saved_layers import unpack
from tests.support.tar_world import Document, config, digest, legacy, oci, stored

STACKS = stacks()
SHAPES: dict[str, Callable[..., io.BytesIO]] = {
    "legacy": legacy,
    "oci plain": oci,
    "oci gzip": partial(oci, compression="gzip"),
    "oci zstd": partial(oci, compression="zstd"),
}


def test_there_are_enough_of_them() -> None:
    assert len(STACKS) >= 60
    assert f"holds {len(STACKS)} of" in " ".join(
        (ROOT / "docs/sizes.md").read_text("utf-8").split()
    )


@pytest.fixture(scope="module", params=["overlay2", "containerd"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> PrivateEngine:
    """An engine of either store that has all the stacks, as `exact:NAME`."""
    found: PrivateEngine = request.getfixturevalue(f"{request.param}_engine")
    archive = tmp_path_factory.mktemp("stacks") / "all.tar"
    archive.write_bytes(together(STACKS))
    found.docker("load", "--input", str(archive))
    return found


@pytest.mark.parametrize("stack", [*STACKS, *refused()], ids=lambda stack: stack.name)
def test_every_shape_of_an_archive_has_the_same_sizes(stack: Stack, tmp_path: Path) -> None:
    expected = by_tarfile(stack.layers)
    one = measured(stack)
    for shape, make in SHAPES.items():
        archive = tmp_path / "archive.tar"
        archive.write_bytes(make(*stack.layers, history=history(stack.layers)).getvalue())
        found = read(None, f"docker-archive:{archive}")
        assert [layer.unpacked_bytes for layer in found.layers] == expected, shape
        assert sizes(found) == sizes(one), shape
        if shape.startswith("oci"):
            folder = tmp_path / shape
            assert sizes(read(None, f"oci:{unpack(archive, folder)}")) == sizes(one), shape


@pytest.mark.parametrize("how", ["gzip", "zstd"])
def test_compressed_sizes_are_those_of_the_blobs(how: str) -> None:
    for stack in STACKS:
        found = measure_image(read_archive(oci(*stack.layers, compression=how)), "x")
        blobs = [len(stored(layer, how)) for layer in stack.layers]
        assert found.compressed_exact
        assert [layer.compressed_bytes for layer in found.layers] == blobs


def test_an_engine_has_the_same_sizes_and_so_has_what_it_saves(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    for stack in STACKS:
        name = f"exact:{stack.name}"
        expected = measured(stack)
        found = read(engine, name)
        assert sizes(found) == sizes(expected), stack.name
        assert (
            found.read_method
            == {"overlay2": "engine index", "containerd": "content store"}[engine.store]
        )
        saved = tmp_path / "saved.tar"
        engine.docker("save", "--output", str(saved), name)
        assert sizes(read(None, f"docker-archive:{saved}")) == sizes(expected), stack.name


def test_a_container_sees_the_files_that_we_say_it_sees(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    """`docker export` is a container's file system as a tar, each file's bytes once."""
    for stack in STACKS:
        found = read(engine, f"exact:{stack.name}")
        seen = exported_bytes(engine, f"exact:{stack.name}", tmp_path / "export.tar")
        assert found.filesystem_bytes == seen, stack.name
        wasted = sum(waste.size for waste in found.wasted_files)
        assert found.wasted_bytes == wasted == found.unpacked_bytes - found.filesystem_bytes


def test_the_engines_history_has_the_same_sizes(overlay2_engine: PrivateEngine) -> None:
    """For layers that it has not built, it adds the lengths of symbolic links."""
    for stack in STACKS:
        found = read(overlay2_engine, f"exact:{stack.name}")
        told = overlay2_engine.docker(
            "history", "--human=false", "--format", "{{.Size}}", f"exact:{stack.name}"
        )
        linked = [
            size + links_of(layer)
            for size, layer in zip(by_tarfile(stack.layers), stack.layers, strict=True)
        ]
        assert [int(size) for size in told.split()][::-1] == linked, stack.name
        assert found.unpacked_bytes == sum(by_tarfile(stack.layers))


def measured(stack: Stack) -> Image:
    return measure_image(read_archive(legacy(*stack.layers, history=history(stack.layers))), "x")


def history(layers: Sequence[bytes]) -> list[Document]:
    return [{"created_by": f"layer {number}"} for number in range(len(layers))]


def read(engine: PrivateEngine | None, reference: str) -> Image:
    environment = engine.environment if engine else {}
    return measure_image(ImageSources(environment).read(reference, None, LayerCache()), "x")


def sizes(image: Image) -> object:
    """All that may not depend on where an image is."""
    layers = [(x.diff_id, x.unpacked_bytes, x.files, x.wasted_bytes) for x in image.layers]
    return image.image_id, image.filesystem_bytes, image.files, layers, sorted(image.tree)


def by_tarfile(layers: Sequence[bytes]) -> list[int]:
    return [sum(member.size for member in members(layer) if counts(member)) for layer in layers]


def members(layer: bytes) -> Iterator[tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
        yield from tar


def counts(member: tarfile.TarInfo) -> bool:
    return member.isreg() and not member.name.rpartition("/")[2].startswith(".wh.")


def links_of(layer: bytes) -> int:
    return sum(len(member.linkname) for member in members(layer) if member.issym())


def exported_bytes(engine: PrivateEngine, image: str, to: Path) -> int:
    container = engine.docker("create", "--network", "none", image, "none").strip()
    try:
        engine.docker("export", "--output", str(to), container)
        return sum(member.size for member in members(to.read_bytes()) if member.isreg())
    finally:
        engine.docker("rm", container)


def together(all_stacks: Sequence[Stack]) -> bytes:
    """One archive of many images, in the legacy format."""
    buffer, manifest, written = io.BytesIO(), [], set()
    with tarfile.open(fileobj=buffer, mode="w") as tar:

        def add(name: str, content: bytes) -> str:
            if name not in written:
                written.add(name)
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
            return name

        for stack in all_stacks:
            names = [add(f"{digest(layer)}.tar", layer) for layer in stack.layers]
            about = add(f"{stack.name}.json", config(stack.layers, history(stack.layers)))
            manifest.append({"Config": about, "RepoTags": [f"exact:{stack.name}"], "Layers": names})
        add("manifest.json", json.dumps(manifest).encode())
    return buffer.getvalue()
