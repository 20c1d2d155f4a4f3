"""Go: one program, static or not, and the files that it reads."""

import re

from bot.rewrite.build_facts import World
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.ecosystems.elf_programs import GO, starts_one_with
from bot.rewrite.startup import Launch

_TOOLCHAIN = "only the Go toolchain reads it"


def _applies(world: World, launch: Launch) -> bool:
    return starts_one_with(world, launch, GO)


ECOSYSTEM = Ecosystem(
    name="go",
    title="Go",
    applies=_applies,
    tools=("go",),
    residue=("/go", "/usr/local/go", "~/go", "~/.config/go", "/usr/local/src"),
    sources=re.compile(r"\.go$|(?:^|/)go\.(?:mod|sum|work|work\.sum)$|(?:^|/)vendor/modules\.txt$"),
    explained={
        f"ENV {name}": _TOOLCHAIN
        for name in ("GOLANG_VERSION", "GOTOOLCHAIN", "GOPATH", "GOROOT", "GOPROXY", "GOFLAGS")
    },
)
