"""Images of an engine that are read by two processes: the result does not depend on it."""

from pathlib import Path

import pytest

from bot.adapters.image_sources import ImageSources
from bot.image.archives.layer_cache import LayerCache
from bot.image.archives.manifest_resolver import ScannedImage
from tests.support.engine import PrivateEngine

DOCKERFILE = """\
FROM busybox
RUN head -c 20000000 /dev/urandom > /first && ln /first /again
RUN head -c 10000000 /dev/urandom > /second && rm /first
RUN head -c 320000000 /dev/zero > /third && chmod 600 /second
RUN echo last > /last
"""
WAYS = {"overlay2": "engine index", "containerd": "content store"}


@pytest.fixture(params=WAYS)
def engine(request: pytest.FixtureRequest) -> PrivateEngine:
    engine: PrivateEngine = request.getfixturevalue(f"{request.param}_engine")
    engine.ensure("busybox")
    return engine


def test_parallel_reading_gives_the_same_image_as_an_archive(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    network = ("--network", engine.build_network)
    engine.docker("build", *network, "--provenance=false", "-t", "large", ".", folder=tmp_path)
    engine.docker("save", "--output", str(tmp_path / "large.tar"), "large")
    store = ImageSources(engine.environment)
    image = store.read("large", None, LayerCache())
    saved = store.read(f"docker-archive:{tmp_path}/large.tar", None, LayerCache())
    assert image.read_method == WAYS[engine.store]
    assert list_comparable(image) == list_comparable(saved)
    assert engine.docker("ps", "--all", "--quiet") == ""


def list_comparable(archive: ScannedImage) -> object:
    """Return all but the digests of contents, which differ in an engine's index."""
    return archive.image_id, [
        (
            blob.layer.diff_id,
            blob.layer.unpacked_bytes,
            [entry._replace(content_hash="") for entry in blob.layer.entries],
            blob.layer.packages,
        )
        for blob in archive.blobs
    ]
