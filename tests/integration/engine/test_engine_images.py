"""Images of an engine that are read by two processes, or have odd names: the result is the archive's."""

import hashlib
import json
import random
import sys
from pathlib import Path

import pytest

from bot.adapters.cache.layers import FolderLayerStore
from bot.adapters.image_sources import ImageSources
from bot.image.archives.layer_cache import LayerCache
from bot.image.archives.manifest_resolver import ScannedImage
from bot.image.packages import elf_section
from tests.support.engine import PrivateEngine
from tests.support.faulty_engine import EngineFault, FaultyEngine
from tests.support.packages.layers import data
from tests.support.slow_imports import list_slow_imports
from tests.support.tar_world import Item, config, encode, folder, layer_tar, pack

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

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


def test_an_engine_that_refuses_mounts_of_its_folders_exports_the_image(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    """One on another machine may, for its users or by SELinux."""
    direct = ImageSources(engine.environment).read("busybox", None, LayerCache())
    relay = FaultyEngine(
        engine.socket, tmp_path / "s", 1, EngineFault.STATUS_500, "/containers/create"
    )
    with relay:
        environment = {**engine.environment, "DOCKER_HOST": f"unix://{relay.path}"}
        exported = ImageSources(environment).read("busybox", None, LayerCache())
        assert relay.was_struck
    assert (direct.read_method, exported.read_method) == (WAYS[engine.store], "export")
    assert list_comparable(exported) == list_comparable(direct)


def test_an_image_that_is_known_is_reported_without_the_sdk(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    environment = {**engine.environment, "IMAGE_SIZE_REVIEW_CACHE": str(cache)}
    reports = [tmp_path / "first.json", tmp_path / "second.json"]
    imports = [
        list_slow_imports(
            "measure",
            "busybox",
            "--format",
            "json",
            "--output",
            str(report),
            environment={**environment, "TMPDIR": str(tmp_path)},
            further=("bot.redaction",),
        )
        for report in reports
    ]
    assert "docker" in imports[0]
    assert imports[1] == []
    assert reports[0].read_bytes() == reports[1].read_bytes()


def test_names_that_are_no_utf8_are_read_as_they_are(engine: PrivateEngine, tmp_path: Path) -> None:
    """Each of these files is asked for by its name: a sample, a program, a jar, a database."""
    noise = random.Random(1).randbytes(300_000)
    program = elf_section.MAGIC + bytes(12) + data("go-buildinfo") + noise
    layer = layer_tar(
        folder("srv"),
        Item("srv/na\udcefve.dat", noise),
        Item("srv/caf\udce9", program, mode=0o755),
        Item("srv/caf\udce9.jar", noise),
        folder("srv/\udcff"),
        folder("srv/\udcff/a-1.dist-info"),
        Item("srv/\udcff/a-1.dist-info/RECORD", b"a.py,,\n"),
        Item("srv/\udcff/a.py", b"#"),
    )
    saved = tmp_path / "saved.tar"
    manifest = [{"Config": "c.json", "RepoTags": ["latin1:1"], "Layers": ["1/layer.tar"]}]
    members: dict[str, bytes | str] = {
        "c.json": config([layer]),
        "1/layer.tar": layer,
        "manifest.json": encode(manifest),
    }
    saved.write_bytes(pack(members).getvalue())
    engine.docker("load", "--input", str(saved))
    store = ImageSources(engine.environment)
    stored = store.read("latin1:1", None, LayerCache())
    assert stored.read_method == WAYS[engine.store]
    archive = store.read(f"docker-archive:{saved}", None, LayerCache())
    assert list_comparable(stored)[1] == list_comparable(archive)[1]
    kinds = {package.kind for blob in stored.blobs for package in blob.layer.packages}
    assert kinds == {"go", "jar", "pypi"}


def test_a_forged_index_that_the_engine_contradicts_is_read_anew(
    overlay2_engine: PrivateEngine, tmp_path: Path
) -> None:
    overlay2_engine.ensure("busybox")
    store, cache_folder = ImageSources(overlay2_engine.environment), tmp_path / "cache"

    def read(name: str) -> int:
        cache = LayerCache(FolderLayerStore(cache_folder))
        return sum(blob.layer.unpacked_bytes for blob in store.read(name, None, cache).blobs)

    right = read("busybox")
    assert right > 100_000
    for size in (0, 1):
        for path in cache_folder.rglob("*.crc64"):
            document = json.loads(zstd.decompress(path.read_bytes()[32:]))
            document["sizes"] = [size and x // 2 for x in document["sizes"]]
            body = zstd.compress(json.dumps(document).encode())
            path.write_bytes(hashlib.sha256(body).digest() + body)
        assert read("busybox") == right


def list_comparable(archive: ScannedImage) -> tuple[str, object]:
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
