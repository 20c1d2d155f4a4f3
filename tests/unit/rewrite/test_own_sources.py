"""The sources of compiled programs in an image."""

from bot.rewrite.own_sources import read_own_sources
from tests.support.rewrite_world import GO, make_facts

FILES = """
    base 800MB
    usr/include/x.h 1kB base = of the system
    src/main.go 1kB @3 = package main
    src/main_test.go 1kB @3 = package main_test
    src/lib/native.c 1kB @3 = int main
    src/page.html 1kB @3 = <p>
    deb perl 9kB @4 brings usr/lib/perl/CORE/perl.h
    src/vendor/x/x.go 1kB @3 = package x
    go/pkg/mod/y@v1/y.go 1kB @4 = package y
"""


def test_sources_of_libraries_and_tests_are_not_the_projects_own() -> None:
    assert set(read_own_sources(make_facts(GO, FILES))) == {"package main", "int main"}


def test_sources_that_are_too_many_or_too_large_are_unknown() -> None:
    many = "".join(f"src/a{number}.go 1kB @3\n" for number in range(500))
    assert read_own_sources(make_facts(GO, FILES + many)) == ()
    assert read_own_sources(make_facts(GO, f"{FILES}src/data.go 9MB @3\n")) == ()


def test_sources_that_the_build_deleted_are_those_of_the_context() -> None:
    files = "base 800MB\nsent main.go 1kB = package main\nsent vendor/x.go 1kB = package x\n"
    assert read_own_sources(make_facts(GO, files)) == ("package main",)
    copy = GO.replace("COPY . .", "COPY main.go ./")
    assert read_own_sources(make_facts(copy, files)) == ()
    many = "".join(f"src/a{number}.go 1kB @3\n" for number in range(500))
    assert read_own_sources(make_facts(GO, files + many)) == ()
