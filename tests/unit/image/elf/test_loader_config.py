"""The loader's configuration: ld.so.cache in both formats, musl's path file, variables."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.image.elf.loader_config import parse_ld_cache, read_loader_config
from tests.support.ld_so_cache import make_ld_so_cache

ENTRIES = (
    ("libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6"),
    ("libz.so.1", "/usr/local/lib/libz.so.1"),
    ("libz.so.1", "/usr/lib/libz.so.1"),
)
CACHE = make_ld_so_cache(ENTRIES)
MACHINE_CACHE = Path("/etc/ld.so.cache")


@pytest.mark.parametrize("with_old_table", [False, True])
def test_libraries_of_one_name_keep_their_order(with_old_table: bool) -> None:
    cache = make_ld_so_cache(ENTRIES, with_old_table=with_old_table)
    assert parse_ld_cache(cache) == {
        "libc.so.6": ("/lib/x86_64-linux-gnu/libc.so.6",),
        "libz.so.1": ("/usr/local/lib/libz.so.1", "/usr/lib/libz.so.1"),
    }


@pytest.mark.skipif(not MACHINE_CACHE.exists(), reason="this system has no ld.so.cache")
def test_the_cache_that_ldconfig_wrote_is_read() -> None:
    paths = parse_ld_cache(MACHINE_CACHE.read_bytes())["libc.so.6"]
    assert all(path.startswith("/") and path.endswith("/libc.so.6") for path in paths)


@pytest.mark.parametrize("size", [0, 10, 47, 60, len(CACHE) - 1])
def test_a_truncated_cache_is_empty(size: int) -> None:
    assert parse_ld_cache(CACHE[:size]) == {}


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    parse_ld_cache(data)
    parse_ld_cache(CACHE[:48] + data)


def test_files_and_variables_configure_the_loader() -> None:
    files = {
        "etc/ld.so.cache": CACHE,
        "etc/ld-musl-x86_64.path": b"/lib:/usr/local/lib\n/usr/lib\n",
        "etc/ld.so.preload": b"/opt/hook.so\n",
    }
    config = read_loader_config(files.get, {"LD_LIBRARY_PATH": "/a:/b", "LD_PRELOAD": "libx.so"})
    assert config.cache == parse_ld_cache(CACHE)
    assert config.musl_folders == ("/lib", "/usr/local/lib", "/usr/lib")
    assert config.library_path == ("/a", "/b")
    assert config.preload == ("/opt/hook.so", "libx.so")
