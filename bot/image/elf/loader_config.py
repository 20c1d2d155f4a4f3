"""What an image's loader is configured with: ld.so.cache, musl's path file, LD_LIBRARY_PATH."""

import re
import struct
from collections import defaultdict
from collections.abc import Callable, Mapping

from bot.image.elf.dynamic_linker import LoaderConfig

_CACHE_MAGIC = b"glibc-ld.so.cache1.1"
_OLD_CACHE_MAGIC = b"ld.so-1.7.0\0"
_CACHE_HEADER, _CACHE_ENTRY, _OLD_ENTRY_BYTES = (
    struct.Struct("<20sII20s"),
    struct.Struct("<iIIIQ"),
    12,
)
_MAX_ENTRIES = 100_000
_MUSL_ARCHITECTURES = ("x86_64", "aarch64", "i386", "armhf", "armv7", "ppc64le", "s390x", "riscv64")

ReadFile = Callable[[str], bytes | None]


def read_loader_config(read_file: ReadFile, env: Mapping[str, str]) -> LoaderConfig:
    """Where the loader of an image looks, from its files and the variables it is started with."""
    preload = (read_file("etc/ld.so.preload") or b"").decode(errors="replace")
    named = f"{preload} {env.get('LD_PRELOAD', '')}"
    return LoaderConfig(
        cache=parse_ld_cache(read_file("etc/ld.so.cache") or b""),
        musl_folders=_read_musl_path(read_file),
        library_path=_split_folders(env.get("LD_LIBRARY_PATH", "")),
        preload=tuple(re.findall(r"[^\s:]+", named)),
    )


def parse_ld_cache(data: bytes) -> Mapping[str, tuple[str, ...]]:
    """The paths of ld.so.cache by soname; none of a file that is no cache of this kind."""
    start = _find_cache_start(data)
    if data[start : start + len(_CACHE_MAGIC)] != _CACHE_MAGIC:
        return {}
    try:
        _, count, _, _ = _CACHE_HEADER.unpack_from(data, start)
        found: defaultdict[str, list[str]] = defaultdict(list)
        for number in range(min(count, _MAX_ENTRIES)):
            _, name, path, _, _ = _CACHE_ENTRY.unpack_from(
                data, start + _CACHE_HEADER.size + number * _CACHE_ENTRY.size
            )
            found[_read_string(data, start + name)].append(_read_string(data, start + path))
    except (struct.error, ValueError):
        return {}
    return {name: tuple(paths) for name, paths in found.items()}


def _find_cache_start(data: bytes) -> int:
    """Older caches begin with a table in the format before, and the new one follows, aligned."""
    if not data.startswith(_OLD_CACHE_MAGIC) or len(data) < 16:
        return 0
    (count,) = struct.unpack_from("<I", data, len(_OLD_CACHE_MAGIC))
    return (len(_OLD_CACHE_MAGIC) + 4 + int(count) * _OLD_ENTRY_BYTES + 7) // 8 * 8


def _read_string(data: bytes, offset: int) -> str:
    return data[offset : data.index(b"\0", offset)].decode(errors="surrogateescape")


def _read_musl_path(read_file: ReadFile) -> tuple[str, ...]:
    """The folders of musl's path file: separated by colons or line ends."""
    for machine in _MUSL_ARCHITECTURES:
        content = read_file(f"etc/ld-musl-{machine}.path")
        if content is not None:
            return _split_folders(content.decode(errors="replace"))
    return ()


def _split_folders(text: str) -> tuple[str, ...]:
    return tuple(folder for folder in re.split(r"[:;\n]", text.strip()) if folder)
