"""Decompression: told by the first bytes, and bounded."""

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


@pytest.mark.parametrize("how", PACK)
def test_whatever_its_compression_the_bytes_are_the_same(how: str) -> None:
    data = b"a layer" * 10_000
    assert opened(PACK[how](data), 1 << 30).read() == data


@pytest.mark.parametrize("how", PACK)
def test_a_bomb_is_put_out(how: str) -> None:
    with pytest.raises(Unreadable, match="a bomb"):
        opened(PACK[how](ZEROS), 1_000_000).read()


@pytest.mark.parametrize("how", PACK)
def test_what_compresses_well_is_no_bomb_as_long_as_it_is_small(how: str) -> None:
    assert opened(PACK[how](ZEROS), 5_000_000).read() == ZEROS


def test_what_compresses_as_layers_do_is_never_one() -> None:
    data = bytes(range(256)) * 100 + b"".join(b"%d" % number for number in range(200_000))
    assert opened(gzip.compress(data), 1000).read() == data
