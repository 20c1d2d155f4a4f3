"""Go: one program, static or not, and the files that it reads."""

import posixpath
import re
from collections.abc import Iterator

from bot.pattern_lists import compile_sections
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.ecosystems.elf_programs import GO_MARKERS, starts_program_with
from bot.rewrite.startup import Startup

# What protoc-gen-go writes first: `// source: proto/shop.proto`.
_INTERFACE = re.compile(r"(?m)^// source: (\S+\.proto)$")
_TOOLCHAIN_REASON = "only the Go toolchain reads it"


def _applies(facts: BuildFacts, startup: Startup) -> bool:
    return starts_program_with(facts, startup, GO_MARKERS)


def _list_module_caches(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the folders of modules below each folder of GOPATH, which may be the root."""
    for folder in facts.built.config.env.get("GOPATH", "").split(":"):
        if folder.startswith("/"):
            yield from (posixpath.join(folder, "pkg", name) for name in ("mod", "sumdb"))


def _list_left_paths(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield what only the build reads: modules, and interfaces that it has Go code of."""
    yield from _list_module_caches(facts, startup)
    own_files = facts.built.own_files
    generated = (facts.built.read_text(path) for path in own_files if path.endswith(".pb.go"))
    matches = (_INTERFACE.search(text) for text in generated)
    names = {posixpath.basename(match[1]) for match in matches if match}
    yield from (f"/{path}" for path in own_files if posixpath.basename(path) in names)


ECOSYSTEM = Ecosystem(
    name="go",
    title="Go",
    applies=_applies,
    toolchain_programs=("go",),
    # What `go get` and `go install` write stays behind where the application is in /go itself, too.
    residue_paths=(
        "/go",
        "/go/pkg",
        "/go/bin",
        "/usr/local/go",
        "~/go",
        "~/.config/go",
        "/usr/local/src",
    ),
    excluded_paths=_list_left_paths,
    source_pattern=compile_sections("bot.rewrite", "sources.txt", "go"),
    accepted_changes={
        f"ENV {name}": _TOOLCHAIN_REASON
        for name in ("GOLANG_VERSION", "GOTOOLCHAIN", "GOPATH", "GOROOT", "GOPROXY", "GOFLAGS")
    },
)
