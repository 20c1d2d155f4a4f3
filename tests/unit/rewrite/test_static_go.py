"""Go programs that need no C library if they are built without cgo."""

import pytest

from bot.dockerfile.edits import apply_changes
from bot.dockerfile.source_text import SourceText
from bot.rewrite.startup import resolve_startup
from bot.rewrite.static_go import GoBuildSetting, choose_build_setting
from tests.support.rewrite_world import GO, GO_FILES, make_facts

RUN = 'CMD ["/app"]\n'
PROGRAM = "app 9MB @4 755 = ELF go"
LOOKUPS = "libc.so.6 libresolv.so.2 net._C2func_getaddrinfo os/user._Cfunc_getpwuid_r"


def choose(program: str, text: str = GO + RUN, *, is_static: bool = False) -> GoBuildSetting | None:
    facts = make_facts(text, GO_FILES.replace(PROGRAM, f"app 9MB @4 755 = {program}"))
    return choose_build_setting(facts, resolve_startup(facts), is_static=is_static)


def build_with(setting: GoBuildSetting | None, text: str = GO + RUN) -> str:
    """Return the Dockerfile with the changes of a setting; empty if there is none."""
    source = SourceText(text.encode())
    return apply_changes(source, setting.changes).decode() if setting else ""


def test_symbols_for_debuggers_are_left_out_where_nobody_asked_for_them() -> None:
    debug = "ELF go .debug_info\0"
    setting = choose(debug, is_static=True)
    assert setting
    assert "\nENV GOFLAGS=-ldflags=-s\nRUN go build -o /app .\n" in build_with(setting)
    assert setting.description == (
        "`ENV GOFLAGS=-ldflags=-s`, above the `RUN` of `go build -o /app .` in the build stage"
    )
    assert setting.difference == "it has no symbols for debuggers"
    both = choose(f"{debug} {LOOKUPS}")
    assert both
    assert "\nENV CGO_ENABLED=0 GOFLAGS=-ldflags=-s\nRUN go build" in build_with(both)
    assert both.difference == (
        "Go itself looks up hosts and users without cgo and it has no symbols for debuggers"
    )
    assert choose(debug) is None, "it is linked with C libraries that it needs"
    assert choose("ELF go", is_static=True) is None, "it has none"
    assert choose("ELF .debug_info\0", is_static=True) is None, "it is not of Go"


@pytest.mark.parametrize(
    ("makefile", "is_left_out"),
    [
        ("build:; cd cmd/x; go build -o ../../app", True),
        ("build:; go build -ldflags '-X main.version=1' -o app", False),
        ("LDFLAGS = -linkmode external build:; go build -o app", False),
        ("build:; cc -o app main.c", False),
    ],
)
def test_symbols_are_left_out_where_a_makefile_builds(makefile: str, *, is_left_out: bool) -> None:
    text = (GO + RUN).replace("go build -o /app .", "make -C /src")
    files = GO_FILES.replace(PROGRAM, "app 9MB @4 755 = ELF go .debug_info\0")
    sent = f"sent Makefile 1kB = {makefile}\nsent vendor/x/Makefile 1kB = LDFLAGS\n"
    facts = make_facts(text, f"{files}{sent}")
    setting = choose_build_setting(facts, resolve_startup(facts), is_static=True)
    changed = text.replace("RUN make", "ENV GOFLAGS=-ldflags=-s\nRUN make")
    assert build_with(setting, text) == (changed if is_left_out else "")


@pytest.mark.parametrize("flags", ['-ldflags="', "-ldflags '", "--ldflags='"])
def test_symbols_are_left_out_beside_other_flags_of_the_linker(flags: str) -> None:
    text = (GO + RUN).replace("go build", f"go build {flags}-X main.version=1{flags[-1]}")
    debug = "ELF go .debug_info\0"
    setting = choose(debug, text, is_static=True)
    assert build_with(setting, text) == text.replace(flags, f"{flags}-s ")
    both = choose(f"{debug} {LOOKUPS}", text)
    assert both
    assert "\nENV CGO_ENABLED=0\nRUN go build" in build_with(both, text)
    command = f"`go build {flags}-X main.version=1{flags[-1]} -o /app .`"
    assert both.description == (
        f"`ENV CGO_ENABLED=0`, above the `RUN` of {command} and `-s` in the `-ldflags` of {command}"
        " in the build stage"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("go build", "go build -ldflags=-Xmain.version=1"),
        ("go build", "go build -ldflags 'all=-X main.version=1'"),
        ("go build", 'go build -ldflags "$FLAGS"'),
        ("go build", "go vet -ldflags='-c' && go build -ldflags='-X main.version=1'"),
        ("go build", "go build -gcflags 'all=-N -l'"),
        ("go build", "GOFLAGS=-mod=vendor go build"),
        ("RUN go build", "RUN make"),
        ("RUN go build -o /app .", "COPY app /app"),
    ],
)
def test_who_decided_about_flags_of_the_linker_keeps_the_symbols(old: str, new: str) -> None:
    assert choose("ELF go .debug_info\0", (GO + RUN).replace(old, new), is_static=True) is None


def test_a_program_that_looks_up_hosts_and_users_is_built_by_a_run() -> None:
    assert "\nENV CGO_ENABLED=0\nRUN go build" in build_with(choose(f"ELF go {LOOKUPS}"))


@pytest.mark.parametrize(
    "program",
    [
        "ELF go",
        "ELF go libc.so.6",
        f"ELF {LOOKUPS}",
        f"ELF go {LOOKUPS} github.com/mattn/go-sqlite3._Cfunc_sqlite3_open",
        f"ELF go {LOOKUPS} libsqlite3.so.0",
        f"ELF go {LOOKUPS} main._C2func_puts",
    ],
)
def test_a_program_that_is_static_or_calls_c_is_left(program: str) -> None:
    assert choose(program) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("go build", "CGO_ENABLED=1 go build"),
        ("go build", "go build -race"),
        ("go build", "go build -buildmode=pie"),
        ("go build", 'go build -ldflags "-linkmode external"'),
        ("RUN go build -o /app .", "COPY app /app"),
    ],
)
def test_who_decided_how_to_link_is_left_alone(old: str, new: str) -> None:
    assert choose(f"ELF go {LOOKUPS}", (GO + RUN).replace(old, new)) is None


@pytest.mark.parametrize("tag", ["//go:build linux && cgo", "// +build !cgo", "//go:build !cgo"])
def test_sources_with_a_build_tag_for_cgo_are_left_alone(tag: str) -> None:
    source = f"src/native.go 1kB @3 = {tag}\\n\\npackage main"
    facts = make_facts(
        GO + RUN, GO_FILES.replace(PROGRAM, f"app 9MB @4 755 = ELF go {LOOKUPS}\n{source}")
    )
    assert choose_build_setting(facts, resolve_startup(facts), is_static=False) is None


def test_a_program_without_sources_is_left_alone() -> None:
    files = GO_FILES.replace("src/main.go 2MB @3\n", "")
    facts = make_facts(GO + RUN, files.replace(PROGRAM, f"app 9MB @4 755 = ELF go {LOOKUPS}"))
    assert choose_build_setting(facts, resolve_startup(facts), is_static=False) is None
