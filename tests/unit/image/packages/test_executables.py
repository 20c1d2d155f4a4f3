"""Go's and Rust's programs."""

import random

import pytest

from bot.image.packages import elf_section, go
from bot.image.packages.executables import ProgramProbe
from bot.image.packages.go import BUILD_INFO_MAGIC
from bot.image.packages.package import Package
from tests.support.packages.layers import data, list_packages

NOISE = random.Random(1)
GO = data("go-buildinfo")
RUST = b"/rustc/" + b"5" * 40 + b"/library/std/src/io.rs"
MEGABYTE = 1 << 20


def program(*parts: bytes, size: int = 150_000) -> bytes:
    """Return an executable with these bytes in it, each on a boundary of 16."""
    content = elf_section.MAGIC + bytes(12)
    for part in parts:
        content += bytes(4096) + part + bytes(-len(part) % 16)
    return content + NOISE.randbytes(max(0, size - len(content)))


def only(content: bytes, path: str = "usr/local/bin/tool") -> list[tuple[str, str, str | None]]:
    return [(x.kind, x.name, x.version) for x in list_packages({path: content}, mode=0o755)]


def search_in_chunks(content: bytes, chunk: int) -> list[Package]:
    listener = ProgramProbe("x", len(content))
    for start in range(0, len(content), chunk):
        listener.feed(content[start : start + chunk])
    return list(listener.packages)


def test_a_go_program_names_its_module_and_compiler() -> None:
    assert only(program(GO)) == [("go", "example.com/hello", "devel (go1.26.8)")]


def test_a_modules_version_is_read() -> None:
    released = GO.replace(b"(devel)", b"v1.20.3")
    assert only(program(released)) == [("go", "example.com/hello", "v1.20.3 (go1.26.8)")]


def test_a_go_program_without_a_module_has_its_package_path() -> None:
    assert only(program(GO.replace(b"\nmod\t", b"\nxxx\t")))[0][1] == "example.com/hello"


@pytest.mark.parametrize(
    "other",
    [
        BUILD_INFO_MAGIC,
        BUILD_INFO_MAGIC + bytes(40),
        b"xxx" + GO,
        GO[:80],
        BUILD_INFO_MAGIC + b"\xff" * 60,
        GO[:32] + b"\xff" * 40,
    ],
)
def test_the_magic_alone_is_no_information(other: bytes) -> None:
    assert only(program(other)) == []
    assert only(program(other, GO))[0][1] == "example.com/hello"


def test_a_rust_program_is_named_after_its_file() -> None:
    assert only(program(RUST)) == [("rust", "tool", None)]


def test_a_rust_program_with_audit_data_has_its_crates_name() -> None:
    audited = data("rust-audited-section.elf")
    assert only(audited + RUST + bytes(150_000)) == [("rust", "hello", "0.3.0")]


@pytest.mark.parametrize("cut", [4, 5, 20, 64, 200, 400])
def test_a_program_with_a_broken_section_is_named_after_its_file(cut: int) -> None:
    torn = data("rust-audited-section.elf")[:cut]
    assert only(torn + bytes(4096) + RUST + bytes(150_000)) == [("rust", "tool", None)]


@pytest.mark.parametrize("chunk", [1000, 65_536, 10 * MEGABYTE])
def test_chunks_may_have_any_size(chunk: int) -> None:
    assert len(search_in_chunks(program(GO), chunk)) == 1


@pytest.mark.parametrize(
    "offset", [46 * MEGABYTE, 47 * MEGABYTE - 64, 48 * MEGABYTE - 64, 60 * MEGABYTE]
)
def test_a_giant_program_of_go_is_searched_to_its_end(offset: int) -> None:
    begins = elf_section.MAGIC + bytes(900) + go.ELF_NOTE_NAME
    content = begins + bytes(offset - len(begins)) + GO + bytes(70 * MEGABYTE - offset)
    assert [x.kind for x in search_in_chunks(content, 7 * MEGABYTE)] == ["go"]


def test_a_giant_program_without_gos_note_is_not_searched() -> None:
    giant = ProgramProbe("usr/bin/node", 70 * MEGABYTE)
    giant.feed(elf_section.MAGIC + bytes(100_000))
    assert giant.is_done


def test_other_files_are_not_searched() -> None:
    assert only(b"#!/bin/sh\n" + GO + bytes(150_000)) == []
    assert only(program(GO), "usr/lib/libtool.so.1") == []
    assert list_packages({"usr/bin/tool": program(GO)}) == []


def test_a_thousand_magics_are_looked_at() -> None:
    """Each look takes a megabyte of the program."""
    assert only(program(*[BUILD_INFO_MAGIC] * 900, GO))[0][1] == "example.com/hello"
    assert only(program(*[BUILD_INFO_MAGIC] * 1000, GO)) == []


def test_a_go_program_is_read_no_further_than_its_information_may_reach() -> None:
    content = program(GO, size=8 * MEGABYTE)
    probe = ProgramProbe("x", len(content))
    fed = 0
    while not probe.is_done:
        probe.feed(content[fed : fed + 65_536])
        fed += 65_536
    assert len(probe.packages) == 1
    assert fed < 2 * MEGABYTE


@pytest.mark.parametrize("seed", range(20))
def test_the_size_of_the_chunks_changes_nothing(seed: int) -> None:
    chance = random.Random(seed)
    other = program(BUILD_INFO_MAGIC, BUILD_INFO_MAGIC * 3, size=chance.randrange(3 * MEGABYTE))
    filler = bytes(-len(other) % 16)
    content = chance.choice([other + filler + GO, other + RUST, other, GO + other])
    content += bytes(chance.randrange(2 * MEGABYTE))
    expected = search_in_chunks(content, len(content))
    assert search_in_chunks(content, chance.randrange(1, 400_000)) == expected
    assert search_in_chunks(content, 999) == expected
