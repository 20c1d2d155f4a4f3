"""Traits of a compiled program that its bytes show: whether it starts others, and what it names.

Stripped programs have them, too: Go keeps the names of its functions, and a path is a string that
the program needs.
"""

import re
import struct
from collections.abc import Iterator, Set

_HEADER = struct.Struct("<16xHHIQQQIHHH")  # of a 64-bit ELF file, up to the count of its segments
_SEGMENT = struct.Struct("<IIQQQQ")  # up to its length in the file
_LOADED = 1  # PT_LOAD
_MAX_SEGMENTS = 64
# Functions of Go's os and syscall packages, which the linker leaves out of programs that do not
# call them. A shell, which system(3), popen(3) and execvp(3) of glibc and musl name. Panics of
# Rust's std::process name its source (sys/pal/unix/process/process_unix.rs before Rust 1.88).
_LOADED_MARKERS = (
    b"os.StartProcess",
    b"syscall.forkExec",
    b"syscall.Exec",
    b"/bin/sh\0",
    b"sys/process/unix",
    b"unix/process/process_",
)
# In the symbol table, which a stripped program has not.
_SYMBOLS = tuple(
    b"\0%s\0" % name
    for name in (b"execve", b"execv", b"execvp", b"execl", b"execlp", b"fexecve", b"system")
)
# A program of Go that formats a time has the first; only those that ask for a zone by its name have
# the second. https://pkg.go.dev/time#LoadLocation
_GO_LOCAL_TIME, _GO_NAMED_ZONES = b"\0time.LoadLocationFromTZData\0", b"\0time.LoadLocation\0"
_PATH = re.compile(rb"(?=(/(?:bin|etc|lib|lib64|opt|sbin|srv|usr|var)/[\w./+@-]{1,100}))")


def can_start_programs(data: bytes) -> bool:
    """Return True if a program contains a function that starts other programs."""
    loaded = cut_loaded_part(data)
    return any(x in loaded for x in _LOADED_MARKERS) or any(x in data for x in _SYMBOLS)


def reads_zone_of_tz_only(data: bytes) -> bool:
    """Return True for a program of Go that reads no time zone but the one that `TZ` names."""
    loaded = cut_loaded_part(data)
    return _GO_LOCAL_TIME in loaded and _GO_NAMED_ZONES not in loaded


def find_named_paths(data: bytes, paths: Set[str]) -> frozenset[str]:
    """Return those of the paths, without a leading slash, that a program names."""
    return frozenset(_find_paths(cut_loaded_part(data), paths))


def cut_loaded_part(data: bytes) -> bytes:
    """Return what the kernel loads of a program, without symbols and debugging information.

    All of it for a file that is not 64-bit ELF with the lowest byte first.
    """
    if data[:6] != b"\x7fELF\x02\x01" or len(data) < _HEADER.size:
        return data
    offset, size, count = (_HEADER.unpack_from(data)[index] for index in (4, 8, 9))
    ends = [
        file_offset + length
        for kind, _, file_offset, _, _, length in _read_segments(data, offset, size, count)
        if kind == _LOADED
    ]
    return data[: max(ends)] if ends else data


def _read_segments(data: bytes, offset: int, size: int, count: int) -> Iterator[tuple[int, ...]]:
    for index in range(min(count, _MAX_SEGMENTS)):
        start = offset + index * size
        if start + _SEGMENT.size <= len(data):
            yield _SEGMENT.unpack_from(data, start)


def _find_paths(data: bytes, paths: Set[str]) -> Iterator[str]:
    """Yield the paths; Go's strings end without a NUL, so that any beginning may be one."""
    for match in _PATH.finditer(data):
        name = match[1][1:].decode("ascii")
        yield from (name[:end] for end in range(3, len(name) + 1) if name[:end] in paths)
