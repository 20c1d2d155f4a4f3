"""The ELF closure of what was brought along."""

from collections.abc import Mapping

from bot.image.elf.dynamic_linker import ElfInfo, LoaderConfig
from bot.verify.checks.shared_libraries import check
from tests.support.image_pair_world import SHELL, list_subjects, make_image, make_image_pair

X86 = "EM_X86_64"
LOADER = "/lib/ld.so"
LIBC = ElfInfo(defined_versions=("GLIBC_2.30",), machine=X86)
ELVES = {
    "app/run": ElfInfo(
        LOADER,
        ("libc.so.6", "libx.so.1"),
        needed_versions=(("libc.so.6", "GLIBC_2.30"),),
        machine=X86,
    ),
    "lib/ld.so": ElfInfo(machine=X86),
    "lib/libc.so.6": LIBC,
    "lib/libx.so.1": ElfInfo(machine=X86),
}
BASE = {**SHELL, "!lib/ld.so": "x", "lib/libc.so.6": "x", "lib/libx.so.1": "x"}
APP = {"!app/run": "x"}


def list_regressions(
    without: str = "", elves: Mapping[str, ElfInfo] = ELVES, text: str = "x"
) -> list[str]:
    old = make_image(BASE, copy={"!app/run": text}, elves=ELVES, command=("/app/run",))
    kept_files = {path: x for path, x in BASE.items() if path.strip("!") != without}
    new = make_image(kept_files, copy={"!app/run": text}, elves=elves, command=("/app/run",))
    return list_subjects(check(make_image_pair(old, new)))


def test_no_library_is_missing() -> None:
    assert list_regressions() == []


def test_a_library_a_loader_and_a_version() -> None:
    assert list_regressions("lib/libx.so.1") == ["libx.so.1"]
    assert list_regressions("lib/ld.so") == [LOADER]
    older = {**ELVES, "lib/libc.so.6": ElfInfo(defined_versions=("GLIBC_2.17",), machine=X86)}
    assert list_regressions(elves=older) == ["libc.so.6"]


def test_libraries_that_the_old_image_lacks_do_not_count() -> None:
    base = {path: x for path, x in BASE.items() if path != "lib/libx.so.1"}
    both = make_image(base, copy=APP, elves=ELVES, command=("/app/run",))
    assert list_subjects(check(make_image_pair(both, both))) == []


def test_a_library_that_is_loaded_by_its_name() -> None:
    kept_files = {path: x for path, x in ELVES.items() if path != "lib/libx.so.1"}
    program = {**kept_files, "app/run": ElfInfo(LOADER, ("libc.so.6",), machine=X86)}
    old = make_image(BASE, copy={"!app/run": "..libx.so.1.."}, elves=program, command=("/app/run",))
    base = {path: x for path, x in BASE.items() if path != "lib/libx.so.1"}
    new = make_image(base, copy={"!app/run": "..libx.so.1.."}, elves=program, command=("/app/run",))
    assert list_subjects(check(make_image_pair(old, new))) == ["libx.so.1"]


SITE = "opt/venv/lib/python3.12/site-packages"
PNG = f"{SITE}/pillow.libs/libpng16-58efbb84.so.16.43.0"


def list_wheel_regressions(soname_in_file: str, library: str = PNG) -> list[str]:
    """Return what a wheel misses that contains the name of a library, and brings another file."""
    extension = f"{SITE}/PIL/_imaging.cpython-312-x86_64-linux-gnu.so"
    name = library.rpartition("/")[2]
    elves = {
        **ELVES,
        extension: ElfInfo(needed=(name,), search_folders=("$ORIGIN/../pillow.libs",), machine=X86),
        library: ElfInfo(machine=X86),
    }
    files = {f"!{extension}": "x", f"!{library}": f"..{soname_in_file}..", **APP}
    base = {**BASE, "lib/libpng16.so.16": "x", "lib/libjpeg.so.62": "x"}
    old = make_image(base, copy=files, elves=elves, command=("/app/run",))
    new = make_image(BASE, copy=files, elves=elves, command=("/app/run",))
    return list_subjects(check(make_image_pair(old, new)))


def test_a_library_that_a_wheel_brings_under_another_name_is_not_missed() -> None:
    assert list_wheel_regressions("libpng16.so.16") == []
    assert list_wheel_regressions("libjpeg.so.62") == ["libjpeg.so.62"]
    twice = f"{SITE}/pillow.libs/libpng16-58efbb84-934c22de.so.16.43.0"
    assert list_wheel_regressions("libpng16.so.16", twice) == []
    elsewhere = f"{SITE}/pillow.libs/libjpeg-12345678.so.62"
    assert list_wheel_regressions("libpng16.so.16", elsewhere) == ["libpng16.so.16"]


def test_a_library_that_a_dependency_loads_by_its_name() -> None:
    library, module = "usr/lib/libzbar.so.0", "usr/lib/python3/site-packages/pyzbar/library.py"
    cache = LoaderConfig(cache={"libzbar.so.0": (library,)})
    for text, lost in (
        ("from ctypes.util import find_library\nx = find_library('zbar')", ["libzbar.so.0"]),
        ("from ctypes.util import find_library\nx = find_library('other')", []),
        ("NAMES = ['zbar']", []),
    ):
        old = make_image(SHELL, run={library: "x", module: text}, places=cache)
        new = make_image(SHELL, copy={module: text})
        assert list_subjects(check(make_image_pair(old, new))) == lost
    # What the base image had is looked for in the application's own sources alone.
    text = "from ctypes.util import find_library\nx = find_library('zbar')"
    old = make_image({**SHELL, library: "x"}, run={module: text}, places=cache)
    assert list_subjects(check(make_image_pair(old, make_image(SHELL, copy={module: text})))) == []
