"""Which libraries programs load, and whether an image has them.

What an ELF file asks for is read by image/elf/reader.py; here it is held against a tree, as ld.so and
musl's loader would (ld.so(8)): a directory of ld.so.conf counts only as far as ld.so.cache has it.
"""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.image.filesystem.paths import PathResolver

_MULTIARCH_TRIPLETS = {
    "EM_X86_64": "x86_64-linux-gnu",
    "EM_AARCH64": "aarch64-linux-gnu",
    "EM_386": "i386-linux-gnu",
    "EM_ARM": "arm-linux-gnueabihf",
    "EM_PPC64": "powerpc64le-linux-gnu",
    "EM_S390": "s390x-linux-gnu",
    "EM_RISCV": "riscv64-linux-gnu",
}
_MUSL_BUILTIN_LIBRARIES = re.compile(r"lib(?:c|pthread|rt|m|dl|util|xnet)\.")
_MUSL_DEFAULT_FOLDERS = ("lib", "usr/local/lib", "usr/lib")


@dataclass(frozen=True, slots=True)
class ElfInfo:
    """What the loader is told by one program or library.

    `interpreter` is empty for a static program and for a library; `needed` are sonames; `search` the
    RUNPATH or RPATH, `$ORIGIN` as written, which `is_inherited` by what is loaded if it is an RPATH;
    `wants` the versions by library (`libc.so.6` -> `GLIBC_2.34`), `offers` those that it defines
    itself. `machine` is ELF's own name, `EM_X86_64`.
    """

    interpreter: str = ""
    needed: tuple[str, ...] = ()
    search_folders: tuple[str, ...] = ()
    soname: str = ""
    needed_versions: tuple[tuple[str, str], ...] = ()
    defined_versions: tuple[str, ...] = ()
    machine: str = ""
    is_program: bool = False
    has_rpath: bool = False

    @property
    def is_static(self) -> bool:
        """Whether it needs nothing but the kernel."""
        return not self.interpreter and not self.needed


@dataclass(frozen=True, slots=True)
class LoaderConfig:
    """Where an image's loader looks besides: `cache` is ld.so.cache, by soname; `musl` the folders of
    /etc/ld-musl-*.path (none: its default); `variable` those of LD_LIBRARY_PATH; `preload` the
    files of ld.so.preload and LD_PRELOAD."""

    cache: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    musl_folders: tuple[str, ...] = ()
    library_path: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()


class LinkErrorKind(StrEnum):
    """What stops the loader."""

    INTERPRETER = "interpreter"
    LIBRARY = "library"
    VERSION = "version"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class LinkError:
    """What a file asks for in vain: `name` is a soname or a path, `version` one that is not offered."""

    kind: LinkErrorKind
    name: str
    needed_by: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class LoadedLibraries:
    """All that a program loads: by soname the real path; the interpreter under its own path."""

    libraries: Mapping[str, str]
    errors: tuple[LinkError, ...] = ()


@dataclass(frozen=True, slots=True)
class DynamicLinker:
    """An image as its loader sees it; `elf` reads a file by its real path, None if it is no ELF."""

    paths: PathResolver
    read_elf: Callable[[str], ElfInfo | None]
    config: LoaderConfig = LoaderConfig()

    def resolve_libraries(self, path: str) -> LoadedLibraries:
        """What a program or library loads, and what is missing; empty for what is no ELF file."""
        real = self.paths.resolve(path)
        elf = self.read_elf(real) if real else None
        if real is None or elf is None:
            return LoadedLibraries({})
        return _ProgramLoad(self, real, elf).load_all()


class _ProgramLoad:
    """One program being loaded."""

    def __init__(self, linker: DynamicLinker, path: str, elf: ElfInfo) -> None:
        self._linker, self._paths = linker, linker.paths
        self._program_path, self._program = path, elf
        self._libraries: dict[str, str] = {}
        self._errors: list[LinkError] = []
        self._inherited_folders: list[str] = []
        self._interpreter_path = self._find_interpreter()
        names = [*elf.needed, posixpath.basename(elf.interpreter)]
        self._is_musl = any("musl" in name for name in names)

    def load_all(self) -> LoadedLibraries:
        """Breadth first, as loaders do it."""
        left = [(self._program_path, self._program)]
        seen = {self._program_path}
        while left:
            path, elf = left.pop(0)
            if elf.has_rpath:
                self._inherited_folders += self._expand_search_folders(path, elf)
            for soname in elf.needed:
                found = self._find_library(soname, path, elf)
                if found and found not in seen:
                    seen.add(found)
                    loaded = self._linker.read_elf(found)
                    left += [(found, loaded)] if loaded else []
            self._errors += self._find_version_errors(path, elf)
        return LoadedLibraries(self._libraries, tuple(dict.fromkeys(self._errors)))

    def _find_interpreter(self) -> str | None:
        """The real path of the loader that the program names."""
        name = self._program.interpreter
        if not name:
            return None
        real = self._paths.resolve(name)
        if real is None:
            self._errors.append(LinkError(LinkErrorKind.INTERPRETER, name, self._program_path))
        else:
            self._libraries[name] = real
        return real

    def _find_library(self, soname: str, path: str, elf: ElfInfo) -> str | None:
        """The real path of a library, found once for all that need it."""
        if soname in self._libraries:
            return self._libraries[soname]
        if self._is_musl and _MUSL_BUILTIN_LIBRARIES.match(soname):
            return self._interpreter_path
        others = False
        for place in self._list_candidate_paths(soname, path, elf):
            real = self._paths.resolve(place)
            library = self._linker.read_elf(real) if real else None
            if real and library and library.machine == self._program.machine:
                self._libraries[soname] = real
                return real
            others = others or library is not None
        lack = LinkErrorKind.MACHINE if others else LinkErrorKind.LIBRARY
        self._errors.append(LinkError(lack, soname, path))
        return None

    def _list_candidate_paths(self, soname: str, path: str, elf: ElfInfo) -> Iterator[str]:
        """Where the loader looks, in its order."""
        if "/" in soname:
            yield soname
            return
        own, places = self._expand_search_folders(path, elf), self._linker.config
        before, behind = (own, []) if elf.has_rpath else ([], own)
        folders = [*before, *self._inherited_folders, *places.library_path, *behind]
        yield from (posixpath.join(folder, soname) for folder in folders)
        if not self._is_musl:
            yield from places.cache.get(soname, ())
        yield from (posixpath.join(folder, soname) for folder in self._list_default_folders())

    def _expand_search_folders(self, path: str, elf: ElfInfo) -> list[str]:
        """The RUNPATH or RPATH of a file, its variables replaced."""
        origin = "/" + path.rpartition("/")[0]
        values = {"ORIGIN": origin, "LIB": "lib", "PLATFORM": ""}
        return [
            re.sub(r"\$\{?(ORIGIN|LIB|PLATFORM)\}?", lambda match: values[match[1]], folder)
            for folder in elf.search_folders
        ]

    def _list_default_folders(self) -> tuple[str, ...]:
        """The folders built into the loader. Whose it is shows in where it really is."""
        if self._is_musl:
            return self._linker.config.musl_folders or _MUSL_DEFAULT_FOLDERS
        triple = _MULTIARCH_TRIPLETS.get(self._program.machine, "")
        debian = (f"lib/{triple}", f"usr/lib/{triple}", "lib", "usr/lib")
        if self._interpreter_path and triple and f"/{triple}/" in f"/{self._interpreter_path}":
            return debian
        fedora = ("lib64", "usr/lib64", "lib", "usr/lib")
        return fedora if self._interpreter_path else (*debian, *fedora)

    def _find_version_errors(self, path: str, elf: ElfInfo) -> Iterator[LinkError]:
        """The versions that the libraries found do not offer. One without any is taken as it is."""
        for soname, version in elf.needed_versions:
            real = self._libraries.get(soname)
            library = self._linker.read_elf(real) if real else None
            if library and library.defined_versions and version not in library.defined_versions:
                yield LinkError(LinkErrorKind.VERSION, soname, path, version)
