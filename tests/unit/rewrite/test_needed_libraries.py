"""The packages with libraries that the copied programs load."""

from bot.rewrite.copy_plan import build_copy_plan
from bot.rewrite.ecosystems.c import ECOSYSTEM
from bot.rewrite.file_selection import FileSelection
from bot.rewrite.needed_libraries import find_library_packages
from tests.support.rewrite_world import make_facts, read_image_startup

TEXT = 'FROM gcc\nRUN apt-get install x\nCOPY . /opt/x\nRUN make\nCMD ["/opt/x/run"]\n'
FILES = """
    base 100MB
    deb libc6 1MB base basic brings usr/lib/x86_64-linux-gnu/libc.so.6
    deb libpq5 1MB @2 brings usr/lib/x86_64-linux-gnu/libpq.so.5.16
    usr/lib/x86_64-linux-gnu/libpq.so.5 -> libpq.so.5.16 @2
    opt/x/run 9MB @4 755 = ELF libpq.so.5 libmine.so
    usr/lib/libmine.so 1MB @4
    opt/x/notes.txt 1kB @3
"""


def owners(files: str, text: str = TEXT) -> frozenset[str]:
    facts = make_facts(text, files)
    launch = read_image_startup(facts)
    return find_library_packages(
        facts, build_copy_plan(FileSelection(facts, launch, ECOSYSTEM)), launch
    )


def test_a_program_that_loads_nothing() -> None:
    assert owners("base 1MB\nopt/x/run 9MB @4 755 = ELF") == frozenset()


def test_libraries_behind_links_but_none_of_the_applications_own() -> None:
    assert owners(FILES) == {"libpq5"}


def test_a_plug_in_without_mode_counts_by_its_name() -> None:
    files = FILES.replace("notes.txt 1kB @3", "mod.so 1MB @4 644 = ELF libc.so.6")
    assert owners(files) == {"libpq5", "libc6"}


def test_what_is_not_copied_does_not_count() -> None:
    files = FILES.replace(
        "opt/x/run 9MB @4 755 = ELF libpq.so.5 libmine.so", "opt/x/run 9MB @4 755 = ELF"
    )
    assert owners(files) == frozenset()
    beside = "root/.cache/pip/tool 1MB @4 755 = ELF libpq.so.5\n"
    assert owners(files + beside) == frozenset()


def test_a_started_program_of_the_base_counts() -> None:
    files = FILES + "usr/bin/served 1MB base 755 = ELF libc.so.6\n"
    assert "libc6" in owners(files, TEXT.replace("/opt/x/run", "served"))
