"""A build of a Go program without cgo, which then needs no C library.

Where a C compiler is in the image, Go links it with the C library for host names and users alone,
which its own packages can look up without. See https://pkg.go.dev/net#hdr-Name_Resolution.
"""

import re

from bot.model.image import InstructionRef
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystems.elf_programs import GO_MARKERS, contains_marker, find_started_programs
from bot.rewrite.own_sources import read_own_sources
from bot.rewrite.startup import Startup

NO_CGO = "ENV CGO_ENABLED=0"
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


def find_build_instruction(facts: BuildFacts, startup: Startup) -> InstructionRef | None:
    """Return the first `RUN` that makes a started program; None if it must be built with cgo."""
    programs = list(find_started_programs(facts, startup))
    has_decided = _DECIDED.search(facts.rule_input.dockerfile.source.data.decode(errors="replace"))
    is_decided = bool(has_decided) or any(x.startswith("CGO_") for x in facts.built.config.env)
    if is_decided or len(programs) != len(startup.commands) or _may_differ_without_cgo(facts):
        return None
    instructions = [facts.built.get_instruction(path) for path in programs]
    runs = [x for x in instructions if x and x.keyword == "RUN"]
    if len(runs) != len(programs) or not all(_needs_no_c(facts, path) for path in programs):
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
