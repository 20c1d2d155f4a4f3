"""Real images, pushed by either engine to Debian's registry: every source gives the same numbers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from bot.adapters.image_sources import ImageSources
from bot.image.archives.layer_cache import LayerCache
from bot.image.measure import measure_image
from bot.model.image import Image
from tests.support.engine import PrivateEngine
from tests.support.engine.fixtures import STORES
from tests.support.registry.debian import DebianRegistry
from tests.support.tar_world import unpack_archive

DOCKERFILE = """\
FROM busybox
RUN mkdir /a && dd if=/dev/urandom of=/a/noise bs=1000 count=900 && ln /a/noise /a/again
RUN rm /a/noise && ln -s /a/again /a/link
COPY Dockerfile /
"""
ACCEPT = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DebianRegistry]:
    with DebianRegistry(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture(params=STORES)
def engine(request: pytest.FixtureRequest) -> PrivateEngine:
    selected_engine: PrivateEngine = request.getfixturevalue(f"{request.param}_engine")
    return selected_engine


def push_image(engine: PrivateEngine, registry: DebianRegistry, folder: Path) -> str:
    """Push an image into the registry and return its name."""
    engine.ensure("busybox")
    (folder / "Dockerfile").write_text(DOCKERFILE)
    name = f"{registry.host}/team/app:{engine.store}"
    options = ("--provenance=false", "--network", engine.build_network)
    engine.docker("build", *options, "--tag", name, ".", folder=folder)
    engine.docker("push", name)
    return name


def read(engine: PrivateEngine, reference: str, *, gauged: bool = False) -> Image:
    archive = ImageSources(engine.environment).read(
        reference, None, LayerCache(measure_compression=gauged)
    )
    return measure_image(archive, "the image")


def manifest(registry: DebianRegistry, tag: str) -> dict[str, Any]:
    address = f"http://{registry.host}/v2/team/app/manifests/{tag}"
    with urlopen(Request(address, headers={"Accept": ACCEPT})) as answer:
        document: dict[str, Any] = json.load(answer)
    return document


def test_every_source_of_an_image_gives_the_same_numbers(
    engine: PrivateEngine, registry: DebianRegistry, tmp_path: Path
) -> None:
    name = push_image(engine, registry, tmp_path)
    pulled = read(engine, f"docker://{name}")
    engine.docker("save", "--output", str(tmp_path / "saved.tar"), name)
    sources = [
        read(engine, name),
        read(engine, f"docker-archive:{tmp_path}/saved.tar"),
        read(engine, f"oci-archive:{tmp_path}/saved.tar:{name}"),
        read(engine, f"oci:{unpack_archive(tmp_path / 'saved.tar', tmp_path / 'layout')}"),
    ]
    assert [sizes(image) for image in sources] == [sizes(pulled)] * 4
    assert pulled.compressed_exact
    stated = [layer["size"] for layer in manifest(registry, engine.store)["layers"]]
    assert [layer.compressed_bytes for layer in pulled.layers] == stated
    for image in sources:
        assert image.compressed_exact is (engine.store == "containerd")
        near = pytest.approx(pulled.compressed_bytes, rel=image.compressed_error)
        assert image.compressed_bytes == near
    gauged = read(engine, name, gauged=True)
    assert gauged.compressed_error <= 0.03  # 2 % for most files, 8 % for those of digits
    assert gauged.compressed_bytes == pytest.approx(pulled.compressed_bytes, rel=0.02)


def sizes(image: Image) -> object:
    """Return the sizes that must be equal under any compression."""
    layers = [(x.diff_id, x.unpacked_bytes, x.files, x.created_by) for x in image.layers]
    return image.image_id, image.platform, image.filesystem_bytes, image.wasted_bytes, layers
