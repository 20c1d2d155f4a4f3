"""What programs load, resolved as ld.so and musl's loader do it."""

from collections.abc import Mapping
from dataclasses import replace

from bot.image.elf.dynamic_linker import (
    DynamicLinker,
    ElfInfo,
    LinkError,
    LinkErrorKind,
    LoaderConfig,
)
from bot.image.filesystem.paths import PathResolver
from bot.model.files import Entry, EntryKind

X86 = "EM_X86_64"
LOADER = "/lib64/ld-linux-x86-64.so.2"
MUSL = "/lib/ld-musl-x86_64.so.1"
GLIBC = ElfInfo(soname="libc.so.6", defined_versions=("GLIBC_2.17", "GLIBC_2.31"), machine=X86)
PROGRAM = ElfInfo(LOADER, ("libc.so.6",), machine=X86, is_program=True)
LIBRARY = ElfInfo(needed=("libc.so.6",), machine=X86)
DEBIAN = {
    "usr/lib/x86_64-linux-gnu/ld.so": ElfInfo(machine=X86),
    "usr/lib/x86_64-linux-gnu/libc.so.6": GLIBC,
}
LINKS = {"lib": "usr/lib", "lib64/ld-linux-x86-64.so.2": "/lib/x86_64-linux-gnu/ld.so"}


NOWHERE = LoaderConfig()


def linker(
    files: Mapping[str, ElfInfo], links: Mapping[str, str] = LINKS, places: LoaderConfig = NOWHERE
) -> DynamicLinker:
    entries = [Entry(path, EntryKind.FILE, 1) for path in files]
    entries += [Entry(path, EntryKind.SYMLINK, 0, link=to) for path, to in links.items()]
    return DynamicLinker(PathResolver({entry.path: entry for entry in entries}), files.get, places)


def missing(found: DynamicLinker, path: str = "app") -> list[tuple[LinkErrorKind, str]]:
    return [(each.kind, each.name) for each in found.resolve_libraries(path).errors]


def test_a_program_of_debian() -> None:
    closure = linker({**DEBIAN, "app": PROGRAM}).resolve_libraries("app")
    assert closure.errors == ()
    assert closure.libraries == {
        LOADER: "usr/lib/x86_64-linux-gnu/ld.so",
        "libc.so.6": "usr/lib/x86_64-linux-gnu/libc.so.6",
    }


def test_a_glibc_program_where_there_is_musl() -> None:
    alpine = {"lib/ld-musl-x86_64.so.1": ElfInfo(machine=X86)}
    assert missing(linker({**alpine, "app": PROGRAM}, {})) == [
        (LinkErrorKind.INTERPRETER, LOADER),
        (LinkErrorKind.LIBRARY, "libc.so.6"),
    ]


def test_musl_is_its_own_libc_and_looks_where_its_path_file_says() -> None:
    program = ElfInfo(MUSL, ("libc.musl-x86_64.so.1", "libz.so.1"), machine=X86, is_program=True)
    files = {
        "lib/ld-musl-x86_64.so.1": ElfInfo(machine=X86),
        "app": program,
        "usr/lib/libz.so.1": ElfInfo(machine=X86),
    }
    assert missing(linker(files, {})) == []
    assert missing(linker(files, {}, LoaderConfig(musl_folders=("/lib",)))) == [
        (LinkErrorKind.LIBRARY, "libz.so.1")
    ]


def test_what_a_library_needs_is_looked_for_too() -> None:
    program = replace(PROGRAM, needed=("libpq.so.5",))
    files = {**DEBIAN, "app": program, "usr/lib/libpq.so.5": replace(LIBRARY, needed=("libssl",))}
    found = linker(files).resolve_libraries("app")
    assert found.errors == (LinkError(LinkErrorKind.LIBRARY, "libssl", "usr/lib/libpq.so.5"),)


def test_a_folder_of_ld_so_conf_counts_once_ldconfig_has_seen_it() -> None:
    files = {
        **DEBIAN,
        "app": replace(PROGRAM, needed=("libx.so.1",)),
        "usr/local/lib/libx.so.1": LIBRARY,
    }
    assert missing(linker(files)) == [(LinkErrorKind.LIBRARY, "libx.so.1")]
    cached = LoaderConfig(cache={"libx.so.1": ("/usr/local/lib/libx.so.1",)})
    assert missing(linker(files, places=cached)) == []
    assert missing(linker(files, places=LoaderConfig(library_path=("/usr/local/lib",)))) == []


def test_the_origin_is_where_the_file_really_is() -> None:
    program = replace(
        PROGRAM, needed=("liba.so",), search_folders=("$ORIGIN/../lib", "${ORIGIN}/x")
    )
    files = {
        **DEBIAN,
        "opt/app/bin/run": program,
        "opt/app/lib/liba.so": replace(LIBRARY, needed=("libb.so",)),
        "opt/app/lib/libb.so": LIBRARY,
    }
    links = {**LINKS, "usr/bin/run": "/opt/app/bin/run"}
    assert missing(linker(files, links), "usr/bin/run") == [(LinkErrorKind.LIBRARY, "libb.so")]
    files["opt/app/bin/run"] = replace(program, has_rpath=True)
    assert missing(linker(files, links), "usr/bin/run") == []


def test_versions_that_the_library_does_not_offer() -> None:
    program = replace(
        PROGRAM, needed_versions=(("libc.so.6", "GLIBC_2.34"), ("libc.so.6", "GLIBC_2.17"))
    )
    found = linker({**DEBIAN, "app": program}).resolve_libraries("app")
    assert found.errors == (LinkError(LinkErrorKind.VERSION, "libc.so.6", "app", "GLIBC_2.34"),)
    bare = {**DEBIAN, "usr/lib/x86_64-linux-gnu/libc.so.6": replace(GLIBC, defined_versions=())}
    assert missing(linker({**bare, "app": program})) == []


def test_a_library_for_another_machine_is_passed_over() -> None:
    files = {
        **DEBIAN,
        "app": replace(PROGRAM, needed=("liba.so",)),
        "usr/lib/x86_64-linux-gnu/liba.so": replace(LIBRARY, machine="EM_AARCH64"),
    }
    assert missing(linker(files)) == [(LinkErrorKind.MACHINE, "liba.so")]
    files["usr/lib/liba.so"] = LIBRARY
    assert missing(linker(files)) == []


def test_what_is_no_program_loads_nothing() -> None:
    assert linker(DEBIAN).resolve_libraries("no/such/file").errors == ()
