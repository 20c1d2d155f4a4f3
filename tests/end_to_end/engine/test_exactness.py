"""One number: engines give the same sizes as archives, and they are the ones they claim to be.

Compared with `docker history` and with a container's files; archives and the standard library's
tarfile are compared in tests/unit/image/test_exact_sizes.py.
"""

import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.engine import PrivateEngine
from tests.support.exact_sizes import (
    STACKS,
    comparable_sizes,
    make_history,
    measure_stack,
    read_image,
    read_members,
    sum_by_tarfile,
)
from tests.support.layer_stacks import Stack
from tests.support.parameters import mark_rest_long
from tests.support.tar_world import config, digest

EVERY_STACK = pytest.mark.parametrize(
    "stack", mark_rest_long(STACKS, 45), ids=lambda stack: stack.name
)


@pytest.fixture(scope="module", params=["overlay2", "containerd"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> PrivateEngine:
    """Return an engine of each store that has all the stacks, as `exact:NAME`."""
    engine: PrivateEngine = request.getfixturevalue(f"{request.param}_engine")
    archive = tmp_path_factory.mktemp("stacks") / "all.tar"
    archive.write_bytes(pack_stacks(STACKS))
    engine.docker("load", "--input", str(archive))
    return engine


@EVERY_STACK
def test_engine_and_saved_archive_have_the_same_sizes(
    engine: PrivateEngine, stack: Stack, tmp_path: Path
) -> None:
    name, expected = f"exact:{stack.name}", comparable_sizes(measure_stack(stack))
    image = read_image(name, engine.environment)
    assert comparable_sizes(image) == expected
    read_methods = {"overlay2": "engine index", "containerd": "content store"}
    assert image.read_method == read_methods[engine.store]
    saved = tmp_path / "saved.tar"
    engine.docker("save", "--output", str(saved), name)
    assert comparable_sizes(read_image(f"docker-archive:{saved}")) == expected


@EVERY_STACK
def test_a_container_has_exactly_the_counted_files(
    engine: PrivateEngine, stack: Stack, tmp_path: Path
) -> None:
    """`docker export` is a container's file system as a tar, each file's bytes once."""
    image = read_image(f"exact:{stack.name}", engine.environment)
    exported = sum_exported_bytes(engine, f"exact:{stack.name}", tmp_path / "export.tar")
    assert image.filesystem_bytes == exported
    wasted = sum(waste.size for waste in image.wasted_files)
    assert image.wasted_bytes == wasted == image.unpacked_bytes - image.filesystem_bytes


@EVERY_STACK
def test_the_engines_history_has_the_same_sizes(
    overlay2_engine: PrivateEngine, stack: Stack
) -> None:
    """For layers that it has not built, it adds the lengths of symbolic links."""
    name, by_tarfile = f"exact:{stack.name}", sum_by_tarfile(stack.layers)
    image = read_image(name, overlay2_engine.environment)
    assert image.unpacked_bytes == sum(by_tarfile)
    lines = overlay2_engine.docker("history", "--human=false", "--format", "{{.Size}}", name)
    links = [sum_link_lengths(layer) for layer in stack.layers]
    with_links = [size + length for size, length in zip(by_tarfile, links, strict=True)]
    assert [int(line) for line in lines.split()][::-1] == with_links


def sum_link_lengths(layer: bytes) -> int:
    return sum(len(member.linkname) for member in read_members(layer) if member.issym())


def sum_exported_bytes(engine: PrivateEngine, image: str, to: Path) -> int:
    container = engine.docker("create", "--network", "none", image, "none").strip()
    try:
        engine.docker("export", "--output", str(to), container)
        return sum(member.size for member in read_members(to.read_bytes()) if member.isreg())
    finally:
        engine.docker("rm", container)


def pack_stacks(all_stacks: Sequence[Stack]) -> bytes:
    """Return one archive of many images, in the legacy format."""
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
            config_name = add(
                f"{stack.name}.json", config(stack.layers, make_history(stack.layers))
            )
            tags = [f"exact:{stack.name}"]
            manifest.append({"Config": config_name, "RepoTags": tags, "Layers": names})
        add("manifest.json", json.dumps(manifest).encode())
    return buffer.getvalue()
