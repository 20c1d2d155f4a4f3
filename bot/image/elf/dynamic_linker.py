"""The shared libraries that a program loads, and those that an image lacks.

bot/image/elf/elf_reader.py reads what an ELF file needs; this module resolves it in a tree of
files, as ld.so and musl's loader would (ld.so(8)). A directory of ld.so.conf counts only if
ld.so.cache lists it.
"""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.image.filesystem.paths import PathResolver

# Debian's multiarch folders (wiki.debian.org/Multiarch/Tuples), by ELF machine.
MULTIARCH_TRIPLETS = {
    "EM_X86_64": "x86_64-linux-gnu",
    "EM_AARCH64": "aarch64-linux-gnu",
    "EM_386": "i386-linux-gnu",
    "EM_ARM": "arm-linux-gnueabihf",
    "EM_PPC64": "powerpc64le-linux-gnu",
    "EM_S390": "s390x-linux-gnu",
    "EM_RISCV": "riscv64-linux-gnu",
}
# musl's loader contains these libraries itself and loads no file for them (ldso/dynlink.c).
_MUSL_BUILTIN_LIBRARIES = re.compile(r"lib(?:c|pthread|rt|m|dl|util|xnet)\.")
_MUSL_DEFAULT_FOLDERS = ("lib", "usr/local/lib", "usr/lib")


@dataclass(frozen=True, slots=True)
class ElfInfo:
    """The declarations of a program or library to the loader.

    `interpreter` is empty for a static program and for a library; `needed` are sonames;
    `search_folders` come from RUNPATH or RPATH, with `$ORIGIN` as written, and `has_rpath` is True
    for an RPATH, which the loaded libraries inherit. `needed_versions` pairs libraries and versions
    (`libc.so.6`, `GLIBC_2.34`), `defined_versions` are those of the file itself. `machine` is ELF's
    own name, `EM_X86_64`.
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


@dataclass(frozen=True, slots=True)
class LoaderConfig:
    """The loader's configuration in an image.

    `cache` is ld.so.cache, paths by soname; `musl_folders` come from /etc/ld-musl-*.path (empty for
    musl's defaults); `library_path` is LD_LIBRARY_PATH; `preload` are the files of ld.so.preload
    and LD_PRELOAD.
    """

    cache: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    musl_folders: tuple[str, ...] = ()
    library_path: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()


class LinkErrorKind(StrEnum):
    """The reasons for which the loader stops."""

    INTERPRETER = "interpreter"
    LIBRARY = "library"
    VERSION = "version"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class LinkError:
    """A missing dependency: `name` is a soname or a path, `version` an undefined one."""

    kind: LinkErrorKind
    name: str
    needed_by: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class LoadedLibraries:
    """All files that a program loads: real paths by soname, or by the interpreter's path."""

    libraries: Mapping[str, str]
    errors: tuple[LinkError, ...] = ()


@dataclass(frozen=True, slots=True)
class DynamicLinker:
    """The loader of an image; `read_elf` reads a file by its real path, None if it is no ELF."""

    paths: PathResolver
    read_elf: Callable[[str], ElfInfo | None]
    config: LoaderConfig = LoaderConfig()

    def resolve_libraries(self, path: str) -> LoadedLibraries:
        """Return what a program or library loads and lacks; empty if it is no ELF."""
        real = self.paths.resolve(path)
        elf = self.read_elf(real) if real else None
        if real is None or elf is None:
            return LoadedLibraries({})
        return _ProgramLoad(self, real, elf).load_all()


@dataclass(frozen=True, slots=True)
class _LoadedFile:
    """A file that was loaded, by its real path.

    `inherited_folders` are searched for the libraries that it needs, and for theirs: its own and
    those of the files that caused it to be loaded, the nearest first.
    """

    path: str
    elf: ElfInfo
    inherited_folders: tuple[str, ...]


class _ProgramLoad:
    """The loading of one program."""

    def __init__(self, linker: DynamicLinker, path: str, elf: ElfInfo) -> None:
        self._linker, self._paths = linker, linker.paths
        self._program_path, self._program = path, elf
        self._libraries: dict[str, str] = {}
        self._errors: list[LinkError] = []
        self._interpreter_path = self._find_interpreter()
        names = [*elf.needed, posixpath.basename(elf.interpreter)]
        self._is_musl = any("musl" in name for name in names)

    def load_all(self) -> LoadedLibraries:
        """Load all libraries, breadth first as loaders do."""
        queue = [self._load(self._program_path, self._program, ())]
        visited = {self._program_path}
        while queue:
            file = queue.pop(0)
            for soname in file.elf.needed:
                library_path = self._find_library(soname, file)
                if library_path and library_path not in visited:
                    visited.add(library_path)
                    elf = self._linker.read_elf(library_path)
                    queue += [self._load(library_path, elf, file.inherited_folders)] if elf else []
            # Only now, when the libraries that define the versions are loaded.
            self._errors += self._find_version_errors(file.path, file.elf)
        return LoadedLibraries(self._libraries, tuple(dict.fromkeys(self._errors)))

    def _load(self, path: str, elf: ElfInfo, inherited: tuple[str, ...]) -> _LoadedFile:
        # glibc passes on an RPATH alone (elf/dl-load.c), musl a path of either tag
        # (ldso/dynlink.c).
        passes_on = elf.has_rpath or self._is_musl
        own = _expand_search_folders(path, elf) if passes_on else ()
        return _LoadedFile(path, elf, (*own, *inherited))

    def _find_interpreter(self) -> str | None:
        """Return the real path of the loader that the program names."""
        name = self._program.interpreter
        if not name:
            return None
        real = self._paths.resolve(name)
        if real is None:
            self._errors.append(LinkError(LinkErrorKind.INTERPRETER, name, self._program_path))
        else:
            self._libraries[name] = real
        return real

    def _find_library(self, soname: str, file: _LoadedFile) -> str | None:
        """Return the real path of a library, searched for once per soname."""
        if soname in self._libraries:
            return self._libraries[soname]
        if self._is_musl and _MUSL_BUILTIN_LIBRARIES.match(soname):
            return self._interpreter_path
        has_other_machine = False
        for candidate in self._list_candidate_paths(soname, file):
            real = self._paths.resolve(candidate)
            library = self._linker.read_elf(real) if real else None
            # A library for another machine (such as i386) is skipped, as ld.so does.
            if real and library and library.machine == self._program.machine:
                self._libraries[soname] = real
                return real
            has_other_machine = has_other_machine or library is not None
        kind = LinkErrorKind.MACHINE if has_other_machine else LinkErrorKind.LIBRARY
        self._errors.append(LinkError(kind, soname, file.path))
        return None

    def _list_candidate_paths(self, soname: str, file: _LoadedFile) -> Iterator[str]:
        """Yield the paths where the loader looks, in its order (ld.so(8))."""
        if "/" in soname:
            yield soname
            return
        yield from (posixpath.join(folder, soname) for folder in self._list_search_folders(file))
        # musl has no ld.so.cache.
        if not self._is_musl:
            yield from self._linker.config.cache.get(soname, ())
        yield from (posixpath.join(folder, soname) for folder in self._list_default_folders())

    def _list_search_folders(self, file: _LoadedFile) -> tuple[str, ...]:
        """Return the folders that the environment and the files themselves name."""
        library_path = self._linker.config.library_path
        if self._is_musl:
            return (*library_path, *file.inherited_folders)
        # RPATH comes before LD_LIBRARY_PATH, RUNPATH after it, and with a RUNPATH no RPATH counts.
        if file.elf.search_folders and not file.elf.has_rpath:
            return (*library_path, *_expand_search_folders(file.path, file.elf))
        return (*file.inherited_folders, *library_path)

    def _list_default_folders(self) -> tuple[str, ...]:
        """Return the folders that are built into the loader.

        The loader's real path distinguishes Debian's multiarch layout from Fedora's lib64.
        """
        if self._is_musl:
            return self._linker.config.musl_folders or _MUSL_DEFAULT_FOLDERS
        triple = MULTIARCH_TRIPLETS.get(self._program.machine, "")
        debian = (f"lib/{triple}", f"usr/lib/{triple}", "lib", "usr/lib")
        if self._interpreter_path and triple and f"/{triple}/" in f"/{self._interpreter_path}":
            return debian
        fedora = ("lib64", "usr/lib64", "lib", "usr/lib")
        return fedora if self._interpreter_path else (*debian, *fedora)

    def _find_version_errors(self, path: str, elf: ElfInfo) -> Iterator[LinkError]:
        """Yield the versions that the loaded libraries do not define."""
        for soname, version in elf.needed_versions:
            real = self._libraries.get(soname)
            library = self._linker.read_elf(real) if real else None
            # The loader accepts a library without any version table.
            if library and library.defined_versions and version not in library.defined_versions:
                yield LinkError(LinkErrorKind.VERSION, soname, path, version)


def _expand_search_folders(path: str, elf: ElfInfo) -> tuple[str, ...]:
    """Return the RUNPATH or RPATH of a file, its variables replaced."""
    origin = "/" + path.rpartition("/")[0]
    values = {"ORIGIN": origin, "LIB": "lib", "PLATFORM": ""}
    return tuple(
        re.sub(r"\$\{?(ORIGIN|LIB|PLATFORM)\}?", lambda match: values[match[1]], folder)
        for folder in elf.search_folders
    )
