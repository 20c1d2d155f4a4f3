"""ELF files by pyelftools, and ld.so's cache: real ones, and rubbish."""

import random
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.image.elf.elf_reader import ELF_MAGIC, read_elf
from bot.image.elf.loader_config import parse_ld_cache, read_loader_config

SHELL = Path("/bin/sh").resolve().read_bytes()
CACHE = Path("/etc/ld.so.cache").read_bytes()


def test_a_real_program() -> None:
    elf = read_elf(SHELL)
    assert elf is not None
    assert elf.is_program
    assert elf.interpreter.startswith("/lib")
    assert "libc.so.6" in elf.needed
    assert any(library == "libc.so.6" and "GLIBC_" in name for library, name in elf.needed_versions)


def test_a_real_library_offers_versions() -> None:
    (place, *_) = parse_ld_cache(CACHE)["libc.so.6"]
    elf = read_elf(Path(place).read_bytes())
    assert elf is not None
    assert elf.soname == "libc.so.6"
    assert "GLIBC_2.17" in elf.defined_versions


def test_what_is_no_elf_file_is_nothing() -> None:
    assert read_elf(b"") is None
    assert read_elf(b"#!/bin/sh\n") is None
    assert read_elf(ELF_MAGIC) is None


def test_broken_files_never_raise() -> None:
    chance = random.Random(4)
    for _ in range(150):
        data = bytearray(SHELL[: chance.randrange(len(SHELL))])
        for _ in range(chance.randrange(60)):
            data[chance.randrange(4, 4000) % max(len(data), 5) : 0] = b""
            data[4 + chance.randrange(1000) % max(len(data) - 4, 1)] = chance.randrange(256)
        read_elf(bytes(data))
        parse_ld_cache(bytes(data))


@given(st.binary(max_size=300))
def test_rubbish_never_raises(data: bytes) -> None:
    read_elf(ELF_MAGIC + data)
    parse_ld_cache(CACHE[:48] + data)


def test_what_the_loader_is_configured_with() -> None:
    files = {
        "etc/ld-musl-x86_64.path": b"/lib:/usr/local/lib\n/usr/lib\n",
        "etc/ld.so.preload": b"/opt/hook.so\n",
    }
    places = read_loader_config(files.get, {"LD_LIBRARY_PATH": "/a:/b", "LD_PRELOAD": "libx.so"})
    assert places.musl_folders == ("/lib", "/usr/local/lib", "/usr/lib")
    assert places.library_path == ("/a", "/b")
    assert places.preload == ("/opt/hook.so", "libx.so")
