"""Go: one program, static or not, and the files that it reads."""

import posixpath
from collections.abc import Iterator

from bot.pattern_lists import compile_sections
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.ecosystems.elf_programs import GO_MARKERS, starts_program_with
from bot.rewrite.startup import Startup

_TOOLCHAIN_REASON = "only the Go toolchain reads it"


def _applies(facts: BuildFacts, startup: Startup) -> bool:
    return starts_program_with(facts, startup, GO_MARKERS)


def _list_module_caches(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the folders of modules below each folder of GOPATH, which may be the root."""
    for folder in facts.built.config.env.get("GOPATH", "").split(":"):
        if folder.startswith("/"):
            yield from (posixpath.join(folder, "pkg", name) for name in ("mod", "sumdb"))


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
    excluded_paths=_list_module_caches,
    source_pattern=compile_sections("bot.rewrite", "sources.txt", "go"),
    accepted_changes={
        f"ENV {name}": _TOOLCHAIN_REASON
        for name in ("GOLANG_VERSION", "GOTOOLCHAIN", "GOPATH", "GOROOT", "GOPROXY", "GOFLAGS")
    },
)
