"""Estimates of gzip sizes hold within their stated error, for files of any name."""

import io
import random
import zlib
from collections.abc import Callable, Sequence

import pytest

from bot.image.layers.gzip_estimate import (
    FILE_TYPE_ESTIMATE_ERROR,
    GzipSizeEstimator,
    estimate_gzip_size,
)
from bot.image.layers.tar_scanner import scan_layer
from tests.support.tar_world import Item, layer_tar

CHANCE = random.Random(1)
NOISE = CHANCE.randbytes(4 << 20)
WORDS = b" ".join(b"%x" % CHANCE.getrandbits(20) for _ in range(300_000))
SOURCE = b"".join(
    b"    return self.%s(%d, key=%r)\n"
    % (CHANCE.choice([b"find", b"get", b"add"]), number, number % 7)
    for number in range(60_000)
)


def many(name: str, content: bytes, size: int, count: int = 60) -> list[Item]:
    starts = [CHANCE.randrange(len(content) - size) for _ in range(count)]
    return [Item(name.format(n), content[at : at + size]) for n, at in enumerate(starts)]


LAYERS: dict[str, Callable[[], Sequence[Item]]] = {
    "photographs": lambda: many("app/{}.avif", NOISE, 90_000),
    "arrays": lambda: many("data/{}.npz", NOISE, 200_000, 20),
    "a repository": lambda: many("app/.git/objects/ab/{:038x}", NOISE, 3_000, 400),
    "a cache without endings": lambda: many("root/.npm/_cacache/content/aa/{}", NOISE, 40_000),
    "texts of no known ending": lambda: many("usr/share/{}.weird", SOURCE, 40_000),
    "words of no known ending": lambda: many("usr/share/{}.lst", WORDS, 60_000),
    "one model": lambda: [Item("model.onnx", NOISE)],
    "one model and sources": lambda: [Item("m.gguf", NOISE), *many("{}.py", WORDS, 9_000)],
    "a giant log that says nothing": lambda: [Item("app.log", bytes(9 << 20))],
    "a giant table of noise": lambda: [Item("keys.csv", NOISE.hex().encode()[: 9 << 20] * 2)],
    "two kinds in turns": lambda: [
        item
        for pair in zip(
            many("a/{}.heic", NOISE, 80_000, 30), many("b/{}.xyz", SOURCE, 80_000, 30), strict=True
        )
        for item in pair
    ],
}


@pytest.mark.parametrize("name", LAYERS)
def test_an_estimate_is_within_its_error(name: str) -> None:
    data = layer_tar(*LAYERS[name]())
    layer = scan_layer(io.BytesIO(data))
    real = len(zlib.compress(data, 6))
    assert abs(layer.gzip_bytes - real) <= layer.gzip_error * layer.gzip_bytes
    assert layer.gzip_error < 2 * FILE_TYPE_ESTIMATE_ERROR


# Data of digits, and what Go's compress/gzip makes of it at its default level (Go 1.26).
DIGITS: dict[str, tuple[int, Callable[[random.Random], str]]] = {
    "hashes": (
        746_930,
        lambda noise: "".join(f"{noise.randbytes(32).hex()}  {n}\n" for n in range(20_000)),
    ),
    "hexadecimal": (735_733, lambda noise: noise.randbytes(700_000).hex()),
    "numbers": (
        533_911,
        lambda noise: "".join(f"{noise.random():.6f},{n % 997}\n" for n in range(100_000)),
    ),
    "records": (
        226_569,
        lambda noise: "".join(
            f'{{"id": {number}, "value": {noise.random():.3f}}}\n' for number in range(50_000)
        ),
    ),
}


@pytest.mark.parametrize("name", DIGITS)
def test_digits_are_within_the_error_that_is_stated(name: str) -> None:
    go_bytes, make = DIGITS[name]
    estimator = GzipSizeEstimator()
    estimator.feed(make(random.Random(1)).encode())
    size, error = estimator.estimate_size()
    assert abs(size - go_bytes) <= error * size
    assert error <= 0.08


def test_programs_and_noise_keep_the_narrow_error() -> None:
    for data in (NOISE, SOURCE.replace(b"0", b"").translate(None, b"123456789")):
        estimator = GzipSizeEstimator()
        estimator.feed(data)
        assert estimator.estimate_size()[1] == 0.02


def test_unsampled_files_enlarge_the_error() -> None:
    layer = scan_layer(io.BytesIO(layer_tar(*many("{}.avif", NOISE, 90_000))))
    size, error = estimate_gzip_size(layer.entries, {})
    assert size * (1 + error) >= layer.unpacked_bytes > size * (1 + FILE_TYPE_ESTIMATE_ERROR)
