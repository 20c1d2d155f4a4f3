"""Settings with which a Go program is built smaller, and needs no C library.

Where a C compiler is in the image, Go links a program with the C library for host names and users
alone, which its own packages can look up without. See
https://pkg.go.dev/net#hdr-Name_Resolution. Symbols for debuggers are a quarter of a program;
stacks of panics and profiles do not need them. See `go doc cmd/link`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.image import InstructionRef
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystems.elf_programs import GO_MARKERS, contains_marker, find_started_programs
from bot.rewrite.own_sources import read_own_sources
from bot.rewrite.startup import Startup

_NO_CGO = "CGO_ENABLED=0"
_NO_SYMBOLS = "GOFLAGS=-ldflags=-s"
_BUILD_COMMAND = re.compile(r"\bgo\s+(?:build|install)\b")
# Whoever writes one of these has decided about symbols: GOFLAGS does not add to other flags.
_LINKER_DECIDED = re.compile(r"ldflags|gcflags|\bGOFLAGS\b")
_DEBUG_SECTIONS = (b".debug_info\0", b".zdebug_info\0")
# The package of a function in C that a program calls: `net._C2func_getaddrinfo`. The linker keeps
# the names of functions in stripped programs, too.
_C_FUNCTION = re.compile(rb"([\w./%~+-]{1,200})\._C2?func_")
_GO_PACKAGES_WITHOUT_NEED = frozenset({b"net", b"os/user", b"runtime/cgo"})
_LIBRARIES = re.compile(r"(?:libc|libresolv|libpthread|libdl|ld-linux[\w-]*)\.so\.\d")
_CGO_TAG = re.compile(r"^//(?:go:build|[ ]?\+build)\b.*\bcgo\b", re.MULTILINE)
# Whoever writes one of these has decided how the program is linked.
_DECIDED = re.compile(
    r"(?i)\bCGO_|-race\b|-(?:ext)?ldflags?[= ]\S*(?:static|extld)|linkmode|buildmode"
)


@dataclass(frozen=True, slots=True)
class GoBuildSetting:
    """An `ENV` above the first `RUN` that makes a program, and what is different with it."""

    run: InstructionRef
    text: str
    difference: str


def choose_build_setting(
    facts: BuildFacts, startup: Startup, *, is_static: bool
) -> GoBuildSetting | None:
    """Return the setting for a smaller program without a C library; None if nothing is to set.

    One that is not static and must be built with cgo gets none.
    """
    cgo_run = None if is_static else _find_run_without_cgo(facts, startup)
    symbol_run = _find_run_without_symbols(facts, startup) if is_static or cgo_run else None
    candidates = (
        (cgo_run, _NO_CGO, "Go itself looks up hosts and users without cgo"),
        (symbol_run, _NO_SYMBOLS, "it has no symbols for debuggers"),
    )
    changes = [(run, variable, text) for run, variable, text in candidates if run]
    if not changes:
        return None
    runs, variables, texts = zip(*changes, strict=True)
    first = min(runs, key=lambda run: run.line_start)
    return GoBuildSetting(first, f"ENV {' '.join(variables)}", " and ".join(texts))


def _find_run_without_symbols(facts: BuildFacts, startup: Startup) -> InstructionRef | None:
    """Return the first `RUN` that makes a started program with symbols that nobody asked for."""
    programs = list(find_started_programs(facts, startup))
    text = facts.rule_input.dockerfile.source.data.decode(errors="replace")
    is_decided = _LINKER_DECIDED.search(text) or "GOFLAGS" in facts.built.config.env
    runs = _list_runs(facts, programs)
    calls_go = bool(runs) and all(_BUILD_COMMAND.search(run.text) for run in runs)
    if is_decided or not calls_go or not all(_has_go_symbols(facts, path) for path in programs):
        return None
    return min(runs, key=lambda run: run.line_start)


def _has_go_symbols(facts: BuildFacts, path: str) -> bool:
    data = facts.built.files.read(path) or b""
    has_symbols = any(name in data for name in _DEBUG_SECTIONS)
    return has_symbols and contains_marker(facts, path, GO_MARKERS)


def _list_runs(facts: BuildFacts, programs: Sequence[str]) -> list[InstructionRef]:
    """Return the `RUN`s that made programs; none if one was not made by a `RUN`."""
    instructions = [facts.built.get_instruction(path) for path in programs]
    runs = [x for x in instructions if x and x.keyword == "RUN"]
    return runs if len(runs) == len(programs) else []


def _find_run_without_cgo(facts: BuildFacts, startup: Startup) -> InstructionRef | None:
    """Return the first `RUN` that makes a started program; None if it must be built with cgo."""
    programs = list(find_started_programs(facts, startup))
    has_decided = _DECIDED.search(facts.rule_input.dockerfile.source.data.decode(errors="replace"))
    is_decided = bool(has_decided) or any(x.startswith("CGO_") for x in facts.built.config.env)
    if is_decided or len(programs) != len(startup.commands) or _may_differ_without_cgo(facts):
        return None
    runs = _list_runs(facts, programs)
    if not all(_needs_no_c(facts, path) for path in programs):
        return None
    return min(runs, key=lambda run: run.line_start, default=None)


def _may_differ_without_cgo(facts: BuildFacts) -> bool:
    """Return True if a source has a build tag for cgo, or no source can be read."""
    sources = read_own_sources(facts)
    return not sources or any(_CGO_TAG.search(text) for text in sources)


def _needs_no_c(facts: BuildFacts, path: str) -> bool:
    """Return True for a dynamic program of Go in which only Go's own packages call C."""
    elf, data = facts.built.read_elf(path), facts.built.files.read(path) or b""
    if elf is None or not elf.interpreter or not contains_marker(facts, path, GO_MARKERS):
        return False
    packages = set(_C_FUNCTION.findall(data))
    is_go_alone = bool(packages) and packages <= _GO_PACKAGES_WITHOUT_NEED
    return is_go_alone and all(_LIBRARIES.fullmatch(name) for name in elf.needed)
