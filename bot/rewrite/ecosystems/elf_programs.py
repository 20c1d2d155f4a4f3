"""Programs that a build made: ELF files among a Dockerfile's own, told apart by what they hold."""

from collections.abc import Iterator

from bot.model.files import EntryKind
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.startup import Startup

_SEARCHED_BYTES = 64 << 20
GO_MARKERS = (b"\xff Go buildinf:", b"Go build ID:")
RUST_MARKERS = (
    b"/rustc/",
    b"rust_begin_unwind",
    b"/.cargo/registry/",
    b"/usr/local/cargo/registry/",
)


def find_started_programs(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """The ELF files of the Dockerfile's own that are started, by path."""
    for command in startup.commands:
        place = facts.built.which(command[0])
        path = facts.built.paths.resolve(place) if place else None
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
    """Whether one of several marks is in a program."""
    data = (facts.built.files.read(path) or b"")[:_SEARCHED_BYTES]
    return any(mark in data for mark in markers)


def starts_program_with(facts: BuildFacts, startup: Startup, markers: tuple[bytes, ...]) -> bool:
    """Whether a started program has such a mark."""
    return any(
        contains_marker(facts, path, markers) for path in find_started_programs(facts, startup)
    )
