"""Decompression, recognised by the first bytes and bounded."""

import bz2
import gzip
import io
import lzma
import sys
from collections.abc import Callable

import pytest

from bot.image.layers.streams import Unreadable, decompress_stream

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstd.compress,
    "xz": lzma.compress,
    "bzip2": bz2.compress,
}
ZEROS = bytes(4_000_000)


def opened(data: bytes, limit: int) -> io.BufferedReader:
    stream = io.BufferedReader(io.BytesIO(data))
    return decompress_stream(stream, max_bytes=limit)  # type: ignore[return-value]


@pytest.mark.parametrize("compression", PACK)
def test_every_compression_is_decompressed(compression: str) -> None:
    data = b"a layer" * 10_000
    assert opened(PACK[compression](data), 1 << 30).read() == data


@pytest.mark.parametrize("compression", PACK)
def test_a_bomb_is_unreadable(compression: str) -> None:
    with pytest.raises(Unreadable, match="decompression bomb"):
        opened(PACK[compression](ZEROS), 1_000_000).read()


@pytest.mark.parametrize("compression", PACK)
def test_small_highly_compressed_data_is_no_bomb(compression: str) -> None:
    assert opened(PACK[compression](ZEROS), 5_000_000).read() == ZEROS


def test_large_data_with_a_usual_ratio_is_no_bomb() -> None:
    data = bytes(range(256)) * 100 + b"".join(b"%d" % number for number in range(200_000))
    assert opened(gzip.compress(data), 1000).read() == data
