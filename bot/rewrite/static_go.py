"""Settings with which a Go program is built smaller, and needs no C library.

Where a C compiler is in the image, Go links a program with the C library for host names and users
alone, which its own packages can look up without. See
https://pkg.go.dev/net#hdr-Name_Resolution. Symbols for debuggers are a quarter of a program;
stacks of panics and profiles do not need them. See `go doc cmd/link`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.dockerfile.edits import TextChange, insert_lines
from bot.dockerfile.source_text import Span
from bot.model.image import InstructionRef
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystems.elf_programs import GO_MARKERS, contains_marker, find_started_programs
from bot.rewrite.own_sources import read_own_sources
from bot.rewrite.startup import Startup

_NO_CGO = "CGO_ENABLED=0"
_NO_SYMBOLS = "GOFLAGS=-ldflags=-s"
_NO_CGO_EFFECT = "Go itself looks up hosts and users without cgo"
_NO_SYMBOLS_EFFECT = "it has no symbols for debuggers"
_BUILD_COMMAND = re.compile(r"\bgo\s+(?:build|install)\b")
_MAKE_COMMAND = re.compile(r"(?:^|[\s;&])make(?:\s|$)")
_MAKEFILE = re.compile(r"(?:^|/)(?:GNUm|[Mm])akefile$|\.mk$")
# Whoever writes one of these has decided about symbols.
_SYMBOLS_DECIDED = re.compile(rb"gcflags|\bGOFLAGS\b")
_IN_LIBRARY = re.compile(r"(?:^|/)(?:vendor|node_modules)/")
_MAKE_DECIDED = re.compile(r"ldflags|gcflags|\bGOFLAGS\b", re.IGNORECASE)
# Flags of the linker in quotes, without a pattern of packages in front (`go help build`). GOFLAGS
# does not add to them.
_LINKER_FLAGS = re.compile(rb"\s--?ldflags(?:=|[ ]+)[\"'](?=-)")
_RUN_FLAGS = re.compile(r"RUN\s+(?:--\S+\s+)*", re.IGNORECASE)
_MAX_TEXT_LENGTH = 60  # of a command that is quoted
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
    """Changes of the build stage, what they are as a reader looks for them, and their effect."""

    changes: tuple[TextChange, ...]
    description: str
    difference: str


@dataclass(frozen=True, slots=True)
class _SymbolRemoval:
    """The first `RUN` that makes a program with symbols, and the place for `-s` in its flags."""

    run: InstructionRef
    flags: Span | None


def choose_build_setting(
    facts: BuildFacts, startup: Startup, *, is_static: bool
) -> GoBuildSetting | None:
    """Return the setting for a smaller program without a C library; None if nothing is to set.

    One that is not static and must be built with cgo gets none.
    """
    cgo_run = None if is_static else _find_run_without_cgo(facts, startup)
    removal = _find_symbol_removal(facts, startup) if is_static or cgo_run else None
    variables = [(cgo_run, _NO_CGO)] if cgo_run else []
    if removal and not removal.flags:
        variables.append((removal.run, _NO_SYMBOLS))
    parts = [_set_variables(facts, variables)] if variables else []
    if removal and removal.flags:
        where = f"`-s` in the `-ldflags` of {_quote(removal.run)}"
        parts.append((TextChange(removal.flags, "-s "), where))
    if not parts:
        return None
    changes, descriptions = zip(*parts, strict=True)
    effects = [_NO_CGO_EFFECT] * bool(cgo_run) + [_NO_SYMBOLS_EFFECT] * bool(removal)
    description = f"{' and '.join(descriptions)} in the build stage"
    return GoBuildSetting(changes, description, " and ".join(effects))


def _set_variables(
    facts: BuildFacts, variables: Sequence[tuple[InstructionRef, str]]
) -> tuple[TextChange, str]:
    """Return the `ENV` above the first of the `RUN`s, and where it is."""
    runs, assignments = zip(*variables, strict=True)
    first = min(runs, key=lambda run: run.line_start)
    text = f"ENV {' '.join(assignments)}"
    line = facts.text_style.format_line(text)
    change = insert_lines(facts.rule_input.dockerfile.source, first.line_start, line)
    return change, f"`{text}`, above the `RUN` of {_quote(first)}"


def _quote(run: InstructionRef) -> str:
    text = _RUN_FLAGS.sub("", run.text.partition("\n")[0])
    is_long = len(text) > _MAX_TEXT_LENGTH
    return f"`{text[:_MAX_TEXT_LENGTH]}…`" if is_long else f"`{text}`"


def _find_symbol_removal(facts: BuildFacts, startup: Startup) -> _SymbolRemoval | None:
    """Return where symbols that nobody asked for can be left out of the started programs."""
    programs = list(find_started_programs(facts, startup))
    runs = _list_runs(facts, programs)
    calls_go = bool(runs) and all(_calls_go(facts, run) for run in runs)
    data = facts.rule_input.dockerfile.source.data
    is_decided = _SYMBOLS_DECIDED.search(data) or "GOFLAGS" in facts.built.config.env
    if is_decided or not calls_go or not all(_has_go_symbols(facts, path) for path in programs):
        return None
    run = min(runs, key=lambda run: run.line_start)
    if b"ldflags" not in data:
        return _SymbolRemoval(run, None)
    flags = _find_linker_flags(facts, run) if len(set(runs)) == 1 else None
    return _SymbolRemoval(run, flags) if flags else None


def _calls_go(facts: BuildFacts, run: InstructionRef) -> bool:
    """Return True if a `RUN` builds with Go, or with a Makefile that does so without flags."""
    if _BUILD_COMMAND.search(run.text):
        return True
    context = facts.rule_input.context
    if context is None or not _MAKE_COMMAND.search(run.text):
        return False
    paths = filter(_MAKEFILE.search, context.file_sizes)
    text = "\n".join(context.read_text(path) for path in paths if not _IN_LIBRARY.search(path))
    return bool(_BUILD_COMMAND.search(text)) and not _MAKE_DECIDED.search(text)


def _find_linker_flags(facts: BuildFacts, run: InstructionRef) -> Span | None:
    """Return the place before the only flags of the linker, if they are in a `RUN`."""
    source = facts.rule_input.dockerfile.source
    lines = source.span_of_lines(run.line_start, run.line_end)
    places = [match.end() for match in _LINKER_FLAGS.finditer(source.data)]
    is_only = len(places) == source.data.count(b"ldflags") == 1
    is_inside = is_only and lines.start <= places[0] < lines.end
    return Span(places[0], places[0]) if is_inside else None


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
