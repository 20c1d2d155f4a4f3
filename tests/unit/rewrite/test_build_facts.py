"""The rewriter's facts about an image."""

import pytest

from tests.support.rewrite_world import make_facts

FILES = """
    base 10MB PATH=/usr/local/bin:/usr/bin::
    etc/x.conf 1kB base = a
    usr/bin/env 1kB base 755
    usr/bin/tool -> /opt/tool/run @3
    opt/tool/run 1kB @3 755
    opt/tool/lib/a 1kB @3
    broken -> nowhere @3
    work/app 1kB @3 755
    etc/x.conf 2kB @3 = b
"""
MADE = make_facts("FROM x\nWORKDIR /work\nCOPY . /\n", FILES)


def test_own_files_are_those_of_the_dockerfile() -> None:
    assert sorted(MADE.built.own_files) == [
        "broken",
        "etc/x.conf",
        "opt/tool/lib/a",
        "opt/tool/run",
        "usr/bin/tool",
        "work/app",
    ]


def test_folders() -> None:
    assert MADE.built.folders >= {"opt", "opt/tool", "opt/tool/lib", "usr/bin"}
    assert "opt/tool/run" not in MADE.built.folders


def test_texts() -> None:
    assert MADE.built.read_text("etc/x.conf") == "b"
    assert MADE.built.read_text("etc/nothing") == ""
    assert MADE.built.read_text("broken") == ""


@pytest.mark.parametrize(
    ("program", "path"),
    [
        ("env", "usr/bin/env"),
        ("tool", "usr/bin/tool"),
        ("./app", "work/app"),
        ("../opt/tool/run", "opt/tool/run"),
        ("/usr/bin/env", "usr/bin/env"),
        ("app", "work/app"),
        ("x.conf", None),
        ("nothing", None),
        ("/broken", None),
    ],
)
def test_which(program: str, path: str | None) -> None:
    assert MADE.built.which(program) == path


def test_a_working_folder_is_the_root_if_none_is_set() -> None:
    assert MADE.workdir == "work"
    assert make_facts("FROM x\n").workdir == ""
    assert make_facts("FROM x\nWORKDIR /\n").workdir == ""
