"""Rust: the programs that Cargo built, and the system libraries that they load."""

from bot.pattern_lists import compile_sections
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
    """Return True if it starts a program with Rust's markers, or any built program after `cargo`.

    A stripped program has no markers left.
    """
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
    source_pattern=compile_sections("bot.rewrite", "sources.txt", "rust"),
    accepted_changes={
        f"ENV {name}": _TOOLCHAIN_REASON for name in ("RUST_VERSION", "RUSTUP_HOME", "CARGO_HOME")
    },
)
