"""ELF files: a program and a library of our own, and broken ones."""

import random
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.image.elf.dynamic_linker import ElfInfo
from bot.image.elf.elf_reader import ELF_MAGIC, read_elf

DATA = Path(__file__).with_name("data")
PROGRAM = (DATA / "program").read_bytes()
LIBRARY = (DATA / "libsample.so.1").read_bytes()


def test_a_program_declares_its_loader_libraries_and_versions() -> None:
    assert read_elf(PROGRAM) == ElfInfo(
        interpreter="/lib64/ld-linux-x86-64.so.2",
        needed=("libsample.so.1", "libc.so.6"),
        search_folders=("$ORIGIN/../lib",),
        needed_versions=(
            ("libc.so.6", "GLIBC_2.2.5"),
            ("libsample.so.1", "SAMPLE_1.1"),
            ("libsample.so.1", "SAMPLE_1.0"),
        ),
        machine="EM_X86_64",
        is_program=True,
    )


def test_a_library_declares_its_soname_and_versions() -> None:
    assert read_elf(LIBRARY) == ElfInfo(
        soname="libsample.so.1",
        defined_versions=("libsample.so.1", "SAMPLE_1.0", "SAMPLE_1.1"),
        machine="EM_X86_64",
    )


def test_other_files_are_not_read() -> None:
    assert read_elf(b"") is None
    assert read_elf(b"#!/bin/sh\n") is None
    assert read_elf(ELF_MAGIC) is None


def test_broken_files_never_raise() -> None:
    chance = random.Random(4)
    results = []
    for _ in range(150):
        data = bytearray(PROGRAM[: chance.randrange(len(ELF_MAGIC) + 1, len(PROGRAM))])
        for _ in range(chance.randrange(60)):
            offset = chance.randrange(len(ELF_MAGIC), len(data))
            data[offset] = chance.randrange(256)
        results.append(read_elf(bytes(data)))
    assert None in results


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    read_elf(ELF_MAGIC + data)
