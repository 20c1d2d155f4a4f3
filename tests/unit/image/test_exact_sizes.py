"""Sizes are the same for every shape of an archive, and equal to those that tarfile sums.

The same stacks in engines are in tests/end_to_end/engine/test_exactness.py.
"""

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from bot.image.archives.archive import read_archive
from bot.image.measure import measure_image
from tests.support.command import ROOT
from tests.support.exact_sizes import (
    STACKS,
    comparable_sizes,
    make_history,
    measure_stack,
    read_image,
    sum_by_tarfile,
)
from tests.support.layer_stacks import Stack, refused
from tests.support.tar_world import legacy, oci, stored, unpack_archive

SHAPES: dict[str, Callable[..., io.BytesIO]] = {
    "legacy": legacy,
    "oci plain": oci,
    "oci gzip": partial(oci, compression="gzip"),
    "oci zstd": partial(oci, compression="zstd"),
}


def test_the_documented_number_of_stacks_is_compared() -> None:
    assert len(STACKS) >= 60
    page = " ".join((ROOT / "docs/sizes.md").read_text("utf-8").split())
    assert f"compares {len(STACKS)} of" in page


@pytest.mark.parametrize("stack", [*STACKS, *refused()], ids=lambda stack: stack.name)
def test_every_shape_of_an_archive_has_the_same_sizes(stack: Stack, tmp_path: Path) -> None:
    expected = sum_by_tarfile(stack.layers)
    sizes = comparable_sizes(measure_stack(stack))
    for shape, make_archive in SHAPES.items():
        archive = tmp_path / "archive.tar"
        data = make_archive(*stack.layers, history=make_history(stack.layers))
        archive.write_bytes(data.getvalue())
        image = read_image(f"docker-archive:{archive}")
        assert [layer.unpacked_bytes for layer in image.layers] == expected, shape
        assert comparable_sizes(image) == sizes, shape
        if shape.startswith("oci"):
            folder = unpack_archive(archive, tmp_path / shape)
            assert comparable_sizes(read_image(f"oci:{folder}")) == sizes, shape


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
@pytest.mark.parametrize("stack", STACKS, ids=lambda stack: stack.name)
def test_compressed_sizes_are_those_of_the_blobs(stack: Stack, compression: str) -> None:
    image = measure_image(read_archive(oci(*stack.layers, compression=compression)), "x")
    assert image.compressed_exact
    blob_sizes = [len(stored(layer, compression)) for layer in stack.layers]
    assert [layer.compressed_bytes for layer in image.layers] == blob_sizes
