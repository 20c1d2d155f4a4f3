"""Which libraries programs load, and whether an image has them.

What an ELF file asks for is read by image/elf/reader.py; here it is held against a tree, as ld.so and
musl's loader would (ld.so(8)): a directory of ld.so.conf counts only as far as ld.so.cache has it.
"""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.image.filesystem.paths import Paths

_TRIPLES = {
    "EM_X86_64": "x86_64-linux-gnu",
    "EM_AARCH64": "aarch64-linux-gnu",
    "EM_386": "i386-linux-gnu",
    "EM_ARM": "arm-linux-gnueabihf",
    "EM_PPC64": "powerpc64le-linux-gnu",
    "EM_S390": "s390x-linux-gnu",
    "EM_RISCV": "riscv64-linux-gnu",
}
_MUSL_ITSELF = re.compile(r"lib(?:c|pthread|rt|m|dl|util|xnet)\.")
_MUSL_DEFAULT = ("lib", "usr/local/lib", "usr/lib")


@dataclass(frozen=True, slots=True)
class Elf:
    """What the loader is told by one program or library.

    `interpreter` is empty for a static program and for a library; `needed` are sonames; `search` the
    RUNPATH or RPATH, `$ORIGIN` as written, which `is_inherited` by what is loaded if it is an RPATH;
    `wants` the versions by library (`libc.so.6` -> `GLIBC_2.34`), `offers` those that it defines
    itself. `machine` is ELF's own name, `EM_X86_64`.
    """

    interpreter: str = ""
    needed: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    soname: str = ""
    wants: tuple[tuple[str, str], ...] = ()
    offers: tuple[str, ...] = ()
    machine: str = ""
    is_program: bool = False
    is_inherited: bool = False

    @property
    def is_static(self) -> bool:
        """Whether it needs nothing but the kernel."""
        return not self.interpreter and not self.needed


@dataclass(frozen=True, slots=True)
class Places:
    """Where an image's loader looks besides: `cache` is ld.so.cache, by soname; `musl` the folders of
    /etc/ld-musl-*.path (none: its default); `variable` those of LD_LIBRARY_PATH; `preload` the
    files of ld.so.preload and LD_PRELOAD."""

    cache: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    musl: tuple[str, ...] = ()
    variable: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()


class Lack(StrEnum):
    """What stops the loader."""

    INTERPRETER = "interpreter"
    LIBRARY = "library"
    VERSION = "version"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class Missing:
    """What a file asks for in vain: `name` is a soname or a path, `version` one that is not offered."""

    lack: Lack
    name: str
    wanted_by: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Closure:
    """All that a program loads: by soname the real path; the interpreter under its own path."""

    found: Mapping[str, str]
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class Linker:
    """An image as its loader sees it; `elf` reads a file by its real path, None if it is no ELF."""

    paths: Paths
    elf: Callable[[str], Elf | None]
    places: Places = Places()

    def closure(self, path: str) -> Closure:
        """What a program or library loads, and what is missing; empty for what is no ELF file."""
        real = self.paths.real(path)
        elf = self.elf(real) if real else None
        if real is None or elf is None:
            return Closure({})
        return _Load(self, real, elf).run()


class _Load:
    """One program being loaded."""

    def __init__(self, linker: Linker, path: str, elf: Elf) -> None:
        self._linker, self._paths = linker, linker.paths
        self._root, self._elf = path, elf
        self._found: dict[str, str] = {}
        self._missing: list[Missing] = []
        self._inherited: list[str] = []
        self._interpreter = self._find_interpreter()
        names = [*elf.needed, posixpath.basename(elf.interpreter)]
        self._is_musl = any("musl" in name for name in names)

    def run(self) -> Closure:
        """Breadth first, as loaders do it."""
        left = [(self._root, self._elf)]
        seen = {self._root}
        while left:
            path, elf = left.pop(0)
            if elf.is_inherited:
                self._inherited += self._search(path, elf)
            for soname in elf.needed:
                found = self._load(soname, path, elf)
                if found and found not in seen:
                    seen.add(found)
                    loaded = self._linker.elf(found)
                    left += [(found, loaded)] if loaded else []
            self._missing += self._versions(path, elf)
        return Closure(self._found, tuple(dict.fromkeys(self._missing)))

    def _find_interpreter(self) -> str | None:
        """The real path of the loader that the program names."""
        name = self._elf.interpreter
        if not name:
            return None
        real = self._paths.real(name)
        if real is None:
            self._missing.append(Missing(Lack.INTERPRETER, name, self._root))
        else:
            self._found[name] = real
        return real

    def _load(self, soname: str, path: str, elf: Elf) -> str | None:
        """The real path of a library, found once for all that need it."""
        if soname in self._found:
            return self._found[soname]
        if self._is_musl and _MUSL_ITSELF.match(soname):
            return self._interpreter
        others = False
        for place in self._candidates(soname, path, elf):
            real = self._paths.real(place)
            library = self._linker.elf(real) if real else None
            if real and library and library.machine == self._elf.machine:
                self._found[soname] = real
                return real
            others = others or library is not None
        lack = Lack.MACHINE if others else Lack.LIBRARY
        self._missing.append(Missing(lack, soname, path))
        return None

    def _candidates(self, soname: str, path: str, elf: Elf) -> Iterator[str]:
        """Where the loader looks, in its order."""
        if "/" in soname:
            yield soname
            return
        own, places = self._search(path, elf), self._linker.places
        before, behind = (own, []) if elf.is_inherited else ([], own)
        folders = [*before, *self._inherited, *places.variable, *behind]
        yield from (posixpath.join(folder, soname) for folder in folders)
        if not self._is_musl:
            yield from places.cache.get(soname, ())
        yield from (posixpath.join(folder, soname) for folder in self._default())

    def _search(self, path: str, elf: Elf) -> list[str]:
        """The RUNPATH or RPATH of a file, its variables replaced."""
        origin = "/" + path.rpartition("/")[0]
        values = {"ORIGIN": origin, "LIB": "lib", "PLATFORM": ""}
        return [
            re.sub(r"\$\{?(ORIGIN|LIB|PLATFORM)\}?", lambda match: values[match[1]], folder)
            for folder in elf.search
        ]

    def _default(self) -> tuple[str, ...]:
        """The folders built into the loader. Whose it is shows in where it really is."""
        if self._is_musl:
            return self._linker.places.musl or _MUSL_DEFAULT
        triple = _TRIPLES.get(self._elf.machine, "")
        debian = (f"lib/{triple}", f"usr/lib/{triple}", "lib", "usr/lib")
        if self._interpreter and triple and f"/{triple}/" in f"/{self._interpreter}":
            return debian
        fedora = ("lib64", "usr/lib64", "lib", "usr/lib")
        return fedora if self._interpreter else (*debian, *fedora)

    def _versions(self, path: str, elf: Elf) -> Iterator[Missing]:
        """The versions that the libraries found do not offer. One without any is taken as it is."""
        for soname, version in elf.wants:
            real = self._found.get(soname)
            library = self._linker.elf(real) if real else None
            if library and library.offers and version not in library.offers:
                yield Missing(Lack.VERSION, soname, path, version)
