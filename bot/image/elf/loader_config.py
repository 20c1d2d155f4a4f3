"""The configuration of an image's loader: ld.so.cache, musl's path file, LD_LIBRARY_PATH."""

import re
import struct
from collections import defaultdict
from collections.abc import Callable, Mapping

from bot.image.elf.dynamic_linker import LoaderConfig

_CACHE_MAGIC = b"glibc-ld.so.cache1.1"
_OLD_CACHE_MAGIC = b"ld.so-1.7.0\0"
# glibc's sysdeps/generic/dl-cache.h: `struct cache_file_new`, `file_entry_new`, `file_entry`.
_CACHE_HEADER = struct.Struct("<20sII20s")
_CACHE_ENTRY = struct.Struct("<iIIIQ")
_OLD_ENTRY_BYTES = 12
_MAX_ENTRIES = 100_000
_MAX_STRING_BYTES = 4096
# LDSO_ARCH of musl (arch/*/reloc.h) for the architectures of Docker's official alpine image.
_MUSL_ARCHITECTURES = (
    "x86_64",
    "aarch64",
    "i386",
    "armhf",
    "powerpc64le",
    "s390x",
    "riscv64",
)

ReadFile = Callable[[str], bytes | None]


def read_loader_config(read_file: ReadFile, env: Mapping[str, str]) -> LoaderConfig:
    """Read the loader's configuration from an image's files and its environment."""
    preload_file = (read_file("etc/ld.so.preload") or b"").decode(errors="replace")
    preload_text = f"{preload_file} {env.get('LD_PRELOAD', '')}"
    return LoaderConfig(
        cache=parse_ld_cache(read_file("etc/ld.so.cache") or b""),
        musl_folders=_read_musl_path(read_file),
        library_path=_split_folders(env.get("LD_LIBRARY_PATH", "")),
        preload=tuple(re.findall(r"[^\s:]+", preload_text)),
    )


def parse_ld_cache(data: bytes) -> Mapping[str, tuple[str, ...]]:
    """Return the paths of ld.so.cache by soname; none if the data is no such cache."""
    start = _find_cache_start(data)
    if data[start : start + len(_CACHE_MAGIC)] != _CACHE_MAGIC:
        return {}
    try:
        _, count, _, _ = _CACHE_HEADER.unpack_from(data, start)
        paths_by_soname: defaultdict[str, list[str]] = defaultdict(list)
        for number in range(min(count, _MAX_ENTRIES)):
            _, name, path, _, _ = _CACHE_ENTRY.unpack_from(
                data, start + _CACHE_HEADER.size + number * _CACHE_ENTRY.size
            )
            paths_by_soname[_read_string(data, start + name)].append(
                _read_string(data, start + path)
            )
    except (struct.error, ValueError):
        return {}
    return {name: tuple(paths) for name, paths in paths_by_soname.items()}


def _find_cache_start(data: bytes) -> int:
    """Return the offset of the new table, which old caches put behind one in the old format."""
    if not data.startswith(_OLD_CACHE_MAGIC) or len(data) < 16:
        return 0
    # `struct cache_file`: the magic, the number of entries, then the entries.
    (count,) = struct.unpack_from("<I", data, len(_OLD_CACHE_MAGIC))
    return (len(_OLD_CACHE_MAGIC) + 4 + int(count) * _OLD_ENTRY_BYTES + 7) // 8 * 8


def _read_string(data: bytes, offset: int) -> str:
    """Return a string; ValueError if it is longer than any path, as strings may overlap."""
    end = data.index(b"\0", offset, offset + _MAX_STRING_BYTES)
    return data[offset:end].decode(errors="surrogateescape")


def _read_musl_path(read_file: ReadFile) -> tuple[str, ...]:
    """Return the folders in musl's path file, separated by colons or line ends."""
    for machine in _MUSL_ARCHITECTURES:
        content = read_file(f"etc/ld-musl-{machine}.path")
        if content is not None:
            return _split_folders(content.decode(errors="replace"))
    return ()


def _split_folders(text: str) -> tuple[str, ...]:
    # LD_LIBRARY_PATH is split at colons and semicolons (ld.so(8)), musl's file at colons and line
    # ends.
    return tuple(folder for folder in re.split(r"[:;\n]", text.strip()) if folder)
