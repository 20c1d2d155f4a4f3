"""Rust: the programs that Cargo built, and the libraries of the system that they load."""

import re

from bot.rewrite.build_facts import World
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.ecosystems.elf_programs import RUST, started_programs, starts_one_with
from bot.rewrite.startup import Launch

_TOOLCHAIN = "only Cargo and rustup read it"


def _applies(world: World, launch: Launch) -> bool:
    """Whether it starts a program that says so, or, stripped of all it could say, one that Cargo must
    have built."""
    if starts_one_with(world, launch, RUST):
        return True
    calls_cargo = any(call.name == "cargo" for step in world.subject.runs() for call in step.calls)
    return calls_cargo and any(True for _ in started_programs(world, launch))


ECOSYSTEM = Ecosystem(
    name="rust",
    title="Rust",
    applies=_applies,
    tools=("cargo", "rustc"),
    residue=("/usr/local/cargo", "/usr/local/rustup", "~/.cargo", "~/.rustup"),
    sources=re.compile(
        r"\.rs$|(?:^|/)Cargo\.(?:toml|lock)$|(?:^|/)(?:clippy|rustfmt)\.toml$|"
        r"(?:^|/)rust-toolchain(?:\.toml)?$|(?:^|/)target/|(?:^|/)\.cargo/|(?:^|/)\.crates"
    ),
    explained={f"ENV {name}": _TOOLCHAIN for name in ("RUST_VERSION", "RUSTUP_HOME", "CARGO_HOME")},
)
