"""Programs that a build made: ELF files of the Dockerfile, distinguished by their contents."""

from collections.abc import Iterator

from bot.model.files import EntryKind
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.startup import Startup

_SEARCHED_BYTES = 64 << 20
# `go version -m` reads the first, `go tool buildid` the second: stripped programs have both.
GO_MARKERS = (b"\xff Go buildinf:", b"Go build ID:")
# The messages of panics name sources by these paths.
RUST_MARKERS = (
    b"/rustc/",
    b"rust_begin_unwind",
    b"/.cargo/registry/",
    b"/usr/local/cargo/registry/",
)


def find_started_programs(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the paths of started ELF files that the Dockerfile added."""
    for command in startup.commands:
        path = facts.built.find_program(command[0])
        entry = facts.built.own_files.get(path or "")
        is_file = entry is not None and entry.kind in (EntryKind.FILE, EntryKind.HARDLINK)
        if (
            path
            and is_file
            and not facts.package_graph.find_owner(path)
            and facts.built.read_elf(path)
        ):
            yield path


def contains_marker(facts: BuildFacts, path: str, markers: tuple[bytes, ...]) -> bool:
    """Return True if one of several byte strings is in a program."""
    data = (facts.built.files.read(path) or b"")[:_SEARCHED_BYTES]
    return any(mark in data for mark in markers)


def starts_program_with(facts: BuildFacts, startup: Startup, markers: tuple[bytes, ...]) -> bool:
    """Return True if a started program contains one of the byte strings."""
    return any(
        contains_marker(facts, path, markers) for path in find_started_programs(facts, startup)
    )
