"""Rust: the programs that Cargo built, and the libraries of the system that they load."""

import re

from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.ecosystems.elf_programs import (
    RUST_MARKERS,
    find_started_programs,
    starts_program_with,
)
from bot.rewrite.startup import Startup

_TOOLCHAIN_REASON = "only Cargo and rustup read it"


def _applies(facts: BuildFacts, startup: Startup) -> bool:
    """Whether it starts a program that says so, or, stripped of all it could say, one that Cargo must
    have built."""
    if starts_program_with(facts, startup, RUST_MARKERS):
        return True
    calls_cargo = any(
        call.name == "cargo" for step in facts.rule_input.iter_runs() for call in step.calls
    )
    return calls_cargo and any(True for _ in find_started_programs(facts, startup))


ECOSYSTEM = Ecosystem(
    name="rust",
    title="Rust",
    applies=_applies,
    toolchain_programs=("cargo", "rustc"),
    residue_paths=("/usr/local/cargo", "/usr/local/rustup", "~/.cargo", "~/.rustup"),
    source_pattern=re.compile(
        r"\.rs$|(?:^|/)Cargo\.(?:toml|lock)$|(?:^|/)(?:clippy|rustfmt)\.toml$|"
        r"(?:^|/)rust-toolchain(?:\.toml)?$|(?:^|/)target/|(?:^|/)\.cargo/|(?:^|/)\.crates"
    ),
    accepted_changes={
        f"ENV {name}": _TOOLCHAIN_REASON for name in ("RUST_VERSION", "RUSTUP_HOME", "CARGO_HOME")
    },
)
