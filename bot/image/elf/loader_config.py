"""What an image's loader is configured with: ld.so.cache, musl's path file, LD_LIBRARY_PATH."""

import re
import struct
from collections import defaultdict
from collections.abc import Callable, Mapping

from bot.image.elf.dynamic_linker import Places

_MAGIC = b"glibc-ld.so.cache1.1"
_OLD_MAGIC = b"ld.so-1.7.0\0"
_HEADER, _ENTRY, _OLD_ENTRY = struct.Struct("<20sII20s"), struct.Struct("<iIIIQ"), 12
_MAX_ENTRIES = 100_000
_MACHINES = ("x86_64", "aarch64", "i386", "armhf", "armv7", "ppc64le", "s390x", "riscv64")

Read = Callable[[str], bytes | None]


def read_places(read: Read, env: Mapping[str, str]) -> Places:
    """Where the loader of an image looks, from its files and the variables it is started with."""
    preload = (read("etc/ld.so.preload") or b"").decode(errors="replace")
    named = f"{preload} {env.get('LD_PRELOAD', '')}"
    return Places(
        cache=read_cache(read("etc/ld.so.cache") or b""),
        musl=_musl(read),
        variable=_folders(env.get("LD_LIBRARY_PATH", "")),
        preload=tuple(re.findall(r"[^\s:]+", named)),
    )


def read_cache(data: bytes) -> Mapping[str, tuple[str, ...]]:
    """The paths of ld.so.cache by soname; none of a file that is no cache of this kind."""
    start = _start(data)
    if data[start : start + len(_MAGIC)] != _MAGIC:
        return {}
    try:
        _, count, _, _ = _HEADER.unpack_from(data, start)
        found: defaultdict[str, list[str]] = defaultdict(list)
        for number in range(min(count, _MAX_ENTRIES)):
            _, name, path, _, _ = _ENTRY.unpack_from(
                data, start + _HEADER.size + number * _ENTRY.size
            )
            found[_text(data, start + name)].append(_text(data, start + path))
    except (struct.error, ValueError):
        return {}
    return {name: tuple(paths) for name, paths in found.items()}


def _start(data: bytes) -> int:
    """Older caches begin with a table in the format before, and the new one follows, aligned."""
    if not data.startswith(_OLD_MAGIC) or len(data) < 16:
        return 0
    (count,) = struct.unpack_from("<I", data, len(_OLD_MAGIC))
    return (len(_OLD_MAGIC) + 4 + int(count) * _OLD_ENTRY + 7) // 8 * 8


def _text(data: bytes, place: int) -> str:
    return data[place : data.index(b"\0", place)].decode(errors="surrogateescape")


def _musl(read: Read) -> tuple[str, ...]:
    """The folders of musl's path file: separated by colons or line ends."""
    for machine in _MACHINES:
        content = read(f"etc/ld-musl-{machine}.path")
        if content is not None:
            return _folders(content.decode(errors="replace"))
    return ()


def _folders(text: str) -> tuple[str, ...]:
    return tuple(folder for folder in re.split(r"[:;\n]", text.strip()) if folder)
