"""Traits of compiled programs, in bytes as compilers write them."""

import struct

import pytest

from bot.image.elf.program_traits import (
    can_start_programs,
    cut_loaded_part,
    find_named_paths,
    reads_zone_of_tz_only,
)


def make_elf(loaded: bytes, below: bytes = b"") -> bytes:
    """Return a 64-bit ELF file with one loaded segment, and symbols below it."""
    end = 64 + 56 + len(loaded)
    header = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    header += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, end, end, 4096)
    return header + segment + loaded + below


@pytest.mark.parametrize(
    "text",
    [
        b"fmt.Printlnsyscall.forkExecruntime.main",
        b"\0sh\0-c\0/bin/sh\0",
        b"library/std/src/sys/process/unix/unix.rs",
        b"library/std/src/sys/pal/unix/process/process_unix.rs",
    ],
)
def test_a_function_that_starts_programs_is_seen(text: bytes) -> None:
    assert can_start_programs(make_elf(text))
    assert not can_start_programs(make_elf(b"hello"))


def test_debugging_information_of_unused_functions_does_not_count() -> None:
    """Rust ships it with its standard library."""
    assert not can_start_programs(make_elf(b"hello", b"sys/process/unix/unix.rs"))
    assert can_start_programs(make_elf(b"hello", b"\0main\0execve\0"))


def test_paths_are_seen_within_the_strings_of_go() -> None:
    program = make_elf(b"%s: no/etc/passwd/etc/os-releaseinvalid/opt")
    paths = {"etc/passwd", "etc/os-release", "etc/os-releasei/x", "etc/group"}
    assert find_named_paths(program, paths) == {"etc/passwd", "etc/os-release"}


def test_only_a_program_of_go_without_named_zones_reads_that_of_tz_only() -> None:
    local = b"\0time.Now\0time.LoadLocationFromTZData\0"
    assert reads_zone_of_tz_only(make_elf(local))
    assert not reads_zone_of_tz_only(make_elf(local + b"time.LoadLocation\0"))
    assert not reads_zone_of_tz_only(make_elf(b"\0tzset\0/usr/share/zoneinfo\0"))


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"\x7fELF\x02\x01" + b"\xff" * 90, b"#!/bin/sh"])
def test_broken_headers_are_read_whole(data: bytes) -> None:
    assert cut_loaded_part(data) == data
