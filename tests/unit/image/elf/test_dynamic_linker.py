"""The libraries that programs load, resolved as ld.so and musl's loader do."""

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
    files: Mapping[str, ElfInfo], links: Mapping[str, str] = LINKS, config: LoaderConfig = NOWHERE
) -> DynamicLinker:
    entries = [Entry(path, EntryKind.FILE, 1) for path in files]
    entries += [Entry(path, EntryKind.SYMLINK, 0, link=to) for path, to in links.items()]
    return DynamicLinker(PathResolver({entry.path: entry for entry in entries}), files.get, config)


def list_errors(
    dynamic_linker: DynamicLinker, path: str = "app"
) -> list[tuple[LinkErrorKind, str]]:
    return [(error.kind, error.name) for error in dynamic_linker.resolve_libraries(path).errors]


def test_a_program_of_debian() -> None:
    loaded = linker({**DEBIAN, "app": PROGRAM}).resolve_libraries("app")
    assert loaded.errors == ()
    assert loaded.libraries == {
        LOADER: "usr/lib/x86_64-linux-gnu/ld.so",
        "libc.so.6": "usr/lib/x86_64-linux-gnu/libc.so.6",
    }


def test_a_glibc_program_where_there_is_musl() -> None:
    alpine = {"lib/ld-musl-x86_64.so.1": ElfInfo(machine=X86)}
    assert list_errors(linker({**alpine, "app": PROGRAM}, {})) == [
        (LinkErrorKind.INTERPRETER, LOADER),
        (LinkErrorKind.LIBRARY, "libc.so.6"),
    ]


def test_musl_contains_libc_and_reads_its_path_file() -> None:
    program = ElfInfo(MUSL, ("libc.musl-x86_64.so.1", "libz.so.1"), machine=X86, is_program=True)
    files = {
        "lib/ld-musl-x86_64.so.1": ElfInfo(machine=X86),
        "app": program,
        "usr/lib/libz.so.1": ElfInfo(machine=X86),
    }
    assert list_errors(linker(files, {})) == []
    assert list_errors(linker(files, {}, LoaderConfig(musl_folders=("/lib",)))) == [
        (LinkErrorKind.LIBRARY, "libz.so.1")
    ]


def test_the_libraries_of_a_library_are_resolved() -> None:
    program = replace(PROGRAM, needed=("libpq.so.5",))
    files = {**DEBIAN, "app": program, "usr/lib/libpq.so.5": replace(LIBRARY, needed=("libssl",))}
    loaded = linker(files).resolve_libraries("app")
    assert loaded.errors == (LinkError(LinkErrorKind.LIBRARY, "libssl", "usr/lib/libpq.so.5"),)


def test_a_folder_of_ld_so_conf_counts_only_through_the_cache() -> None:
    files = {
        **DEBIAN,
        "app": replace(PROGRAM, needed=("libx.so.1",)),
        "usr/local/lib/libx.so.1": LIBRARY,
    }
    assert list_errors(linker(files)) == [(LinkErrorKind.LIBRARY, "libx.so.1")]
    cached = LoaderConfig(cache={"libx.so.1": ("/usr/local/lib/libx.so.1",)})
    assert list_errors(linker(files, config=cached)) == []
    assert list_errors(linker(files, config=LoaderConfig(library_path=("/usr/local/lib",)))) == []


def test_origin_is_the_real_folder_of_the_file() -> None:
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
    assert list_errors(linker(files, links), "usr/bin/run") == [(LinkErrorKind.LIBRARY, "libb.so")]
    files["opt/app/bin/run"] = replace(program, has_rpath=True)
    assert list_errors(linker(files, links), "usr/bin/run") == []


def test_a_file_with_runpath_inherits_no_rpath() -> None:
    files = {
        **DEBIAN,
        "app": replace(PROGRAM, needed=("liba.so",), search_folders=("/opt",), has_rpath=True),
        "opt/liba.so": replace(LIBRARY, needed=("libb.so",)),
        "opt/libb.so": LIBRARY,
    }
    assert list_errors(linker(files)) == []
    files["opt/liba.so"] = replace(files["opt/liba.so"], search_folders=("/srv",))
    assert list_errors(linker(files)) == [(LinkErrorKind.LIBRARY, "libb.so")]


def test_the_rpath_of_a_sibling_does_not_count() -> None:
    files = {
        **DEBIAN,
        "app": replace(PROGRAM, needed=("liba.so", "libb.so")),
        "usr/lib/liba.so": replace(LIBRARY, search_folders=("/opt",), has_rpath=True),
        "usr/lib/libb.so": replace(LIBRARY, needed=("libc.so",)),
        "opt/libc.so": LIBRARY,
    }
    assert list_errors(linker(files)) == [(LinkErrorKind.LIBRARY, "libc.so")]
    files["usr/lib/liba.so"] = replace(files["usr/lib/liba.so"], needed=("libc.so",))
    assert list_errors(linker(files)) == []


def test_musl_searches_the_runpath_of_a_program_for_the_libraries_of_its_libraries() -> None:
    program = ElfInfo(MUSL, ("liba.so",), ("$ORIGIN/../lib",), machine=X86, is_program=True)
    files = {
        "lib/ld-musl-x86_64.so.1": ElfInfo(machine=X86),
        "app/bin/run": program,
        "app/lib/liba.so": ElfInfo(needed=("libb.so", "libc.so"), machine=X86),
        "app/lib/libb.so": ElfInfo(machine=X86),
        "opt/libb.so": ElfInfo(machine=X86),
    }
    loaded = linker(files, {}).resolve_libraries("app/bin/run")
    assert (loaded.errors, loaded.libraries["libb.so"]) == ((), "app/lib/libb.so")
    config = LoaderConfig(library_path=("/opt",))
    first = linker(files, {}, config).resolve_libraries("app/bin/run")
    assert first.libraries["libb.so"] == "opt/libb.so"


def test_undefined_versions_are_errors() -> None:
    program = replace(
        PROGRAM, needed_versions=(("libc.so.6", "GLIBC_2.34"), ("libc.so.6", "GLIBC_2.17"))
    )
    loaded = linker({**DEBIAN, "app": program}).resolve_libraries("app")
    assert loaded.errors == (LinkError(LinkErrorKind.VERSION, "libc.so.6", "app", "GLIBC_2.34"),)
    bare = {**DEBIAN, "usr/lib/x86_64-linux-gnu/libc.so.6": replace(GLIBC, defined_versions=())}
    assert list_errors(linker({**bare, "app": program})) == []


def test_a_library_for_another_machine_is_passed_over() -> None:
    files = {
        **DEBIAN,
        "app": replace(PROGRAM, needed=("liba.so",)),
        "usr/lib/x86_64-linux-gnu/liba.so": replace(LIBRARY, machine="EM_AARCH64"),
    }
    assert list_errors(linker(files)) == [(LinkErrorKind.MACHINE, "liba.so")]
    files["usr/lib/liba.so"] = LIBRARY
    assert list_errors(linker(files)) == []


def test_missing_files_load_nothing() -> None:
    assert linker(DEBIAN).resolve_libraries("no/such/file").errors == ()
